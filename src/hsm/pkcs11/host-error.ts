import { ChanceryError } from '../../core/errors.js';
import { returnValueName, returnValueOf } from './return-value.js';

/** The host cannot go on; the daemon starts another. */
export class HostEnds extends Error {
  readonly returnValue: number;

  constructor(returnValue: number) {
    super(returnValueName(returnValue));
    this.name = 'HostEnds';
    this.returnValue = returnValue;
  }
}

const HEALTH = 'check that the token is connected and healthy; see docs/architecture/hsm.md for the code';

/** A call to the module that failed, as an error an operator can act on. A ChanceryError is passed through. */
export function callFailed(what: string, error: unknown, hint = HEALTH): ChanceryError {
  if (error instanceof ChanceryError) return error;
  const returnValue = error instanceof HostEnds ? error.returnValue : returnValueOf(error);
  // The text of a foreign error may hold anything the module was given, the PIN included: only the code is kept.
  const reason = returnValue === null ? 'the module failed' : returnValueName(returnValue);
  return new ChanceryError('HSM_UNAVAILABLE', `${what}: ${reason}`, { hint });
}
