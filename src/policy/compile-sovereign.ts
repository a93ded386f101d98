import {
  MAX_SIGNATURES,
  PURPOSES,
  type Purpose,
  type Sovereign,
  type Threshold,
} from '../sovereign/authority.js';
import { parseSovereign } from '../sovereign/parse-sovereign.js';
import type { Problems } from './problems.js';
import type { PolicyText } from './schema.js';

/** The authorities and how many of them each purpose needs. A purpose without a threshold needs all of them. */
export function compileSovereign(text: PolicyText['sovereign'], problems: Problems): Sovereign {
  const { authorities } = text;
  const threshold: Partial<Record<Purpose, number>> = {};
  for (const purpose of PURPOSES) {
    const given = text.threshold[purpose];
    const needed = given === undefined ? authorities.length : Number(given);
    if (needed > MAX_SIGNATURES) {
      const all = given === undefined ? ' (absent, so all authorities)' : '';
      const message = `needs ${String(needed)} signatures${all}, a statement has at most ${String(MAX_SIGNATURES)}`;
      problems.add(['sovereign', 'threshold', purpose], message);
    }
    threshold[purpose] = needed;
  }
  const whole = { epoch: Number(text.epoch), threshold: threshold as Threshold, authorities };
  return parseSovereign(whole, (path, message) => {
    problems.add(['sovereign', ...path], message);
  });
}
