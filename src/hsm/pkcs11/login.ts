import { createHmac } from 'node:crypto';
import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import type { Secret } from '../../core/secret.js';
import type { LoginCommand } from '../host-protocol.js';
import {
  CKF_LOGIN_REQUIRED,
  CKF_USER_PIN_COUNT_LOW,
  CKF_USER_PIN_FINAL_TRY,
  CKF_USER_PIN_LOCKED,
  CKU_USER,
} from './cryptoki.js';
import { callFailed } from './host-error.js';
import { readPin } from './pin.js';
import { PinLatch } from './pin-latch.js';
import { countsVisibly } from './quirks.js';
import { mayHaveCostATry, recoveryFor, returnValueName, returnValueOf } from './return-value.js';
import { readSlot, requirePinned, type TokenSlot } from './token-slot.js';

const ALREADY_LOGGED_IN = 0x100;
const LOGIN_ROUNDS = 20;
const LOGIN_PAUSE_MS = 50;

/**
 * One login with the PIN from its source. Throws PIN_REFUSED before the token is asked when its flags or our own
 * memory say that this PIN must not be tried, and after it when the token refused; TOKEN_MISMATCH when the slot holds
 * another token than the pinned one.
 *
 * Returns the tag of the PIN (HMAC under the daemon's key): with it the daemon can say at a restart of the host
 * that this PIN is known to be right.
 */
export function logIn(
  module: pkcs11js.PKCS11,
  token: TokenSlot,
  session: pkcs11js.Handle,
  command: LoginCommand,
  warn: (message: string) => void,
): string {
  const { secret, source } = readPin(command.pin, process.env['CREDENTIALS_DIRECTORY']);
  const tag = createHmac('sha256', Buffer.from(command.acceptedKey, 'hex'))
    .update(secret.reveal())
    .digest('hex');
  // Asked anew: the flags of another moment may hide that somebody has just used up all tries but one.
  const { flags, identity } = readSlot(module, token.slot);
  // In this slot another token may lie by now, for which the PIN is not meant.
  requirePinned(identity, command.pinned);
  checkTriesLeft(flags, source);
  const latch = new PinLatch(command.latchDirectory, identity);
  const countLow = (flags & CKF_USER_PIN_COUNT_LOW) !== 0;
  const knownGood = command.accepted === tag && !countLow;
  recordAttempt(latch, secret, knownGood || (countsVisibly(identity) && !countLow) ? 'allowed' : 'refused');
  if (countLow) warn('a wrong PIN was tried on this token since the last good login');
  try {
    if ((flags & CKF_LOGIN_REQUIRED) !== 0) module.C_Login(session, CKU_USER, secret.reveal());
  } catch (error) {
    const returnValue = returnValueOf(error);
    if (returnValue !== ALREADY_LOGGED_IN) {
      if (returnValue === null || recoveryFor(returnValue) !== 'latch') {
        if (returnValue !== null && !mayHaveCostATry(returnValue)) latch.forget(secret);
        throw callFailed('cannot log in', error);
      }
      const name = returnValueName(returnValue);
      latch.refuse(secret, name);
      // No cause: a foreign error's text may repeat the PIN.
      throw new ChanceryError('PIN_REFUSED', `the token refused the PIN of ${source}: ${name}`, {
        hint: 'correct the PIN file; this PIN will not be tried again, not even after a restart',
      });
    }
  }
  latch.clear();
  return tag;
}

/**
 * Of processes that log in at the same moment one tries at a time, so that a wrong PIN costs one try and a right one is
 * not taken for one in doubt. A login that has not ended may be under way: it is waited for, a second or two, before
 * the record of it is taken for that of a process that died.
 */
function recordAttempt(latch: PinLatch, secret: Secret, doubtful: 'allowed' | 'refused'): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let rounds = LOGIN_ROUNDS; rounds > 0; rounds--) {
    if (rounds === 1 || !latch.begun) {
      latch.check(secret, doubtful);
      if (latch.attempt(secret)) return;
    }
    Atomics.wait(clock, 0, 0, LOGIN_PAUSE_MS * (1 + Math.random()));
  }
  throw new ChanceryError('HSM_UNAVAILABLE', 'other logins to this token are under way', {
    hint: 'ask again in a moment',
  });
}

function checkTriesLeft(flags: number, source: string): void {
  if ((flags & CKF_USER_PIN_LOCKED) !== 0) {
    throw new ChanceryError('PIN_REFUSED', 'the PIN of this token is locked', {
      hint: 'unlock it as security officer with the tool of its maker',
    });
  }
  if ((flags & CKF_USER_PIN_FINAL_TRY) !== 0) {
    throw new ChanceryError(
      'PIN_REFUSED',
      `one try is left for the PIN of this token; ${source} is not used for it`,
      {
        hint: 'log in once by hand with the right PIN, with the tool of its maker, which resets the count',
      },
    );
  }
}
