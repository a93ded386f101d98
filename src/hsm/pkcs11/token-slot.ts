import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import { sameIdentity, type TokenIdentity } from '../token-options.js';
import { CKF_TOKEN_INITIALIZED } from './cryptoki.js';
import { callFailed } from './host-error.js';

export interface TokenSlot {
  readonly slot: pkcs11js.Handle;
  readonly identity: TokenIdentity;
  /** CK_TOKEN_INFO.flags, as they were when the slot was read. */
  readonly flags: number;
}

/** Every slot with a token. A slot that cannot be read is left out: it is another token's trouble. */
export function tokenSlots(module: pkcs11js.PKCS11): readonly TokenSlot[] {
  let slots: pkcs11js.Handle[];
  try {
    slots = module.C_GetSlotList(true);
  } catch (error) {
    throw callFailed('cannot list the slots', error);
  }
  return slots.flatMap((slot) => {
    try {
      return [readSlot(module, slot)];
    } catch {
      return [];
    }
  });
}

export function readSlot(module: pkcs11js.PKCS11, slot: pkcs11js.Handle): TokenSlot {
  const info = module.C_GetTokenInfo(slot);
  const identity = {
    manufacturer: unpad(info.manufacturerID),
    model: unpad(info.model),
    serial: unpad(info.serialNumber),
    label: unpad(info.label),
  };
  return { slot, identity, flags: info.flags };
}

/** Fields are padded with blanks; some software pads with NUL. */
function unpad(text: string): string {
  return text.replace(/[\0 ]+$/, '');
}

/**
 * The one token with this label and serial, which must also have the pinned manufacturer and model. Throws
 * TOKEN_NOT_FOUND, or TOKEN_MISMATCH when something else carries the serial. Another with only the label of it proves
 * nothing: some makers give all their tokens one label, and the pinned one may be back in a moment.
 */
export function findToken(module: pkcs11js.PKCS11, pinned: TokenIdentity): TokenSlot {
  const present = tokenSlots(module).filter((token) => (token.flags & CKF_TOKEN_INITIALIZED) !== 0);
  const [found, second] = present.filter((token) => sameIdentity(token.identity, pinned));
  if (found !== undefined && second === undefined) return found;
  if (found !== undefined) {
    throw new ChanceryError('TOKEN_MISMATCH', `two tokens claim to be ${describe(pinned)}`, {
      hint: 'disconnect the one that is not meant',
    });
  }
  const near = present.find(({ identity }) => identity.serial === pinned.serial);
  if (near !== undefined) throw mismatch(near.identity, pinned);
  const seen = present.map((token) => describe(token.identity)).join('; ');
  throw new ChanceryError('TOKEN_NOT_FOUND', `no token ${describe(pinned)}`, {
    hint:
      seen === ''
        ? 'the module shows no initialised token: check its configuration and the device'
        : `connect it, or have the Sovereign sign a policy that pins another; present: ${seen}`,
  });
}

/** Throws TOKEN_MISMATCH when a token is another than the pinned one. */
export function requirePinned(found: TokenIdentity, pinned: TokenIdentity): void {
  if (!sameIdentity(found, pinned)) throw mismatch(found, pinned);
}

function mismatch(found: TokenIdentity, pinned: TokenIdentity): ChanceryError {
  return new ChanceryError(
    'TOKEN_MISMATCH',
    `the policy pins ${describe(pinned)}, the module has ${describe(found)}`,
    {
      hint: 'connect the pinned token; another one needs a policy signed by the Sovereign',
    },
  );
}

function describe(identity: TokenIdentity): string {
  const { label, serial, manufacturer, model } = identity;
  return `${JSON.stringify(label)} (serial ${JSON.stringify(serial)}, ${JSON.stringify(manufacturer)} ${JSON.stringify(model)})`;
}
