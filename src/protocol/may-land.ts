import { formatTime } from '../core/clock.js';
import { MOST_RECENT, type AdminMethods } from './admin-methods.js';
import type { ResultOf } from './method.js';

/** A signature that was made lately and may still land on chain. */
export interface MayLand {
  /** Wall, milliseconds. */
  readonly time: number;
  readonly key: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly sequence: number;
}

/** As the answer to `freeze` names them: the newest of one key, or of all with null, newest first. */
export function wireMayLand(
  oldestFirst: readonly MayLand[],
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
