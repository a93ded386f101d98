import { ChanceryError } from '../core/errors.js';
import { outOfDescriptors } from '../os/descriptors.js';

/** OVERLOADED when `error` is that no descriptor was left: it says nothing of who calls. Null for any other. */
export function noDescriptor(error: unknown): ChanceryError | null {
  if (!outOfDescriptors(error)) return null;
  return new ChanceryError('OVERLOADED', 'the daemon has no file descriptor left to see who calls', {
    cause: error,
    hint: 'ask again later; an operator must raise LimitNOFILE of the daemon, or lower maxConnections',
  });
}
