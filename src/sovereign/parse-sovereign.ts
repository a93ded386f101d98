import { ChanceryError } from '../core/errors.js';
import { keyOf, PURPOSES, type AuthorityText, type Sovereign, type Threshold } from './authority.js';
import { parseAuthority } from './parse-authority.js';

/** The Sovereign as it stands in policy.yaml and in a genesis statement. */
export interface SovereignText {
  readonly epoch: number;
  readonly threshold: Threshold;
  readonly authorities: readonly AuthorityText[];
}

/**
 * Checks the whole Sovereign: ids and raw keys distinct, each threshold at least 1 and within reach of the number
 * of keys. Throws POLICY_INVALID. A threshold nobody can meet would lock everybody out at the next change.
 */
export function parseSovereign(text: SovereignText): Sovereign {
  const authorities = text.authorities.map((item) => parseAuthority(item));
  const ids = new Set<string>();
  const keys = new Map<string, string>();
  for (const authority of authorities) {
    if (ids.has(authority.id)) throw invalid(`two authorities have the id ${authority.id}`);
    ids.add(authority.id);
    const other = keys.get(keyOf(authority));
    if (other !== undefined) {
      throw invalid(`the authorities ${other} and ${authority.id} are one key, which can count only once`);
    }
    keys.set(keyOf(authority), authority.id);
  }
  for (const purpose of PURPOSES) {
    const needed = text.threshold[purpose];
    if (!Number.isSafeInteger(needed) || needed < 1 || needed > authorities.length) {
      throw invalid(
        `threshold ${purpose} is ${String(needed)}, with ${String(authorities.length)} authorities it must be 1 to ${String(authorities.length)}`,
      );
    }
  }
  return { epoch: text.epoch, threshold: text.threshold, authorities };
}

function invalid(message: string): ChanceryError {
  return new ChanceryError('POLICY_INVALID', `sovereign: ${message}`);
}
