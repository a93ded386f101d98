import { ChanceryError } from '../core/errors.js';
import {
  keyOf,
  PURPOSES,
  type Authority,
  type AuthorityText,
  type Sovereign,
  type Threshold,
} from './authority.js';
import { parseAuthority } from './parse-authority.js';

/** The Sovereign as it stands in policy.yaml and in a genesis statement. */
export interface SovereignText {
  readonly epoch: number;
  readonly threshold: Threshold;
  readonly authorities: readonly AuthorityText[];
}

/** Told what is wrong and where: once is enough to make the result void. */
export type SovereignFault = (path: readonly (string | number)[], message: string) => void;

/**
 * Checks the whole Sovereign: ids and raw keys distinct, each threshold at least 1 and within reach of the number
 * of keys. A threshold nobody can meet would lock everybody out at the next change.
 */
export function parseSovereign(text: SovereignText, fault: SovereignFault): Sovereign {
  const authorities: Authority[] = [];
  // Quorums count raw keys, so one person with two entries for one key must not look like two.
  const keys = new Map<string, string>();
  const ids = new Set<string>();
  text.authorities.forEach((item, index) => {
    const at = ['authorities', index];
    const authority = readAuthority(item, (message) => {
      fault(at, message);
    });
    if (authority === null) return;
    const { id } = authority;
    const other = keys.get(keyOf(authority));
    if (other !== undefined) fault(at, `the same key as ${other}`);
    if (ids.has(id.toLowerCase())) fault(at, `a second authority ${id}`);
    keys.set(keyOf(authority), id);
    ids.add(id.toLowerCase());
    authorities.push(authority);
  });
  const have = text.authorities.length;
  for (const purpose of PURPOSES) {
    const needed = text.threshold[purpose];
    if (needed < 1) fault(['threshold', purpose], 'at least 1 signature is needed');
    if (needed > have)
      fault(['threshold', purpose], `needs ${String(needed)} of ${String(have)} authorities`);
  }
  return { epoch: text.epoch, threshold: text.threshold, authorities };
}

function readAuthority(text: AuthorityText, fault: (message: string) => void): Authority | null {
  try {
    return parseAuthority(text);
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    fault(error.message);
    return null;
  }
}
