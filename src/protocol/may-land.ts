import { formatTime } from '../core/clock.js';
import type { MadeSignature } from '../core/made-signature.js';
import { MOST_RECENT, type AdminMethods } from './admin-methods.js';
import type { ResultOf } from './method.js';

/** What may still land, as the answer to `freeze` names it: the newest of one key, or of all with null, newest first. */
export function wireMayLand(
  oldestFirst: readonly MadeSignature[],
  publicKey: string | null,
): ResultOf<AdminMethods['freeze']>['recent'] {
  return oldestFirst
    .filter((one) => publicKey === null || one.publicKey === publicKey)
    .slice(-MOST_RECENT)
    .reverse()
    .map(({ key, signature, time, sequence }) => ({
      key,
      signature,
      time: formatTime(time),
      sequence: String(sequence),
    }));
}
