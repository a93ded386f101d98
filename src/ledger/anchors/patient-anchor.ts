import { ChanceryError } from '../../core/errors.js';
import { settlesWithin } from '../../core/settles-within.js';
import type { Anchor, AnchorReading } from './anchor.js';

/**
 * The same anchor, but one that does not answer within `patienceMs` is one that cannot be read: a file system whose
 * server is gone keeps a call for ever. Such a call is waited for again at the next `read` and none is made beside it,
 * for each would keep one of the few threads that the ledger is written with.
 */
export function patientAnchor(anchor: Anchor, patienceMs: number): Anchor {
  let asked: Promise<readonly AnchorReading[]> | null = null;
  return {
    ...anchor,
    read: async () => {
      const asking = (asked ??= anchor.read());
      if (!(await settlesWithin(asking, patienceMs))) {
        throw new ChanceryError('LEDGER_UNAVAILABLE', `the anchor ${anchor.name} does not answer`, {
          hint: 'mount or repair what it stands on',
        });
      }
      asked = null;
      return asking;
    },
  };
}
