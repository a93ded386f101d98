import { ChanceryError } from '../core/errors.js';
import {
  keyOf,
  MAX_SIGNATURES,
  PURPOSES,
  type Authority,
  type Purpose,
  type Sovereign,
  type Threshold,
} from '../sovereign/authority.js';
import { parseAuthority } from '../sovereign/parse-authority.js';
import type { Path, Problems } from './problems.js';
import type { PolicyText } from './schema.js';

/** The authorities and how many of them each purpose needs. A purpose without a threshold needs all of them. */
export function compileSovereign(text: PolicyText['sovereign'], problems: Problems): Sovereign {
  const path: Path = ['sovereign'];
  const authorities: Authority[] = [];
  // Quorums count raw keys, so one person with two entries for one key must not look like two.
  const keys = new Map<string, string>();
  const ids = new Set<string>();
  text.authorities.forEach((item, index) => {
    const at = [...path, 'authorities', index];
    const authority = readAuthority(item, at, problems);
    if (authority === null) return;
    const other = keys.get(keyOf(authority));
    if (other !== undefined) problems.add(at, `the same key as ${other}`);
    if (ids.has(authority.id.toLowerCase())) problems.add(at, `a second authority ${authority.id}`);
    keys.set(keyOf(authority), authority.id);
    ids.add(authority.id.toLowerCase());
    authorities.push(authority);
  });
  const threshold: Partial<Record<Purpose, number>> = {};
  for (const purpose of PURPOSES) {
    const given = text.threshold[purpose];
    const needed = given === undefined ? text.authorities.length : Number(given);
    if (needed < 1) problems.add([...path, 'threshold', purpose], 'at least 1 signature is needed');
    if (needed > text.authorities.length) {
      const have = String(text.authorities.length);
      problems.add([...path, 'threshold', purpose], `needs ${String(needed)} of ${have} authorities`);
    }
    if (needed > MAX_SIGNATURES) {
      const all = given === undefined ? ' (absent, so all authorities)' : '';
      const message = `needs ${String(needed)} signatures${all}, a statement has at most ${String(MAX_SIGNATURES)}`;
      problems.add([...path, 'threshold', purpose], message);
    }
    threshold[purpose] = needed;
  }
  return { epoch: Number(text.epoch), threshold: threshold as Threshold, authorities };
}

function readAuthority(
  text: PolicyText['sovereign']['authorities'][number],
  path: Path,
  problems: Problems,
): Authority | null {
  try {
    return parseAuthority(text);
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    problems.add(path, error.message);
    return null;
  }
}
