import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type pkcs11js from 'pkcs11js';
import type { z } from 'zod';
import { ChanceryError } from '../../core/errors.js';
import type { HostCommand, initialiseReplySchema } from '../host-protocol.js';
import type { TokenIdentity } from '../token-options.js';
import { CKF_RW_SESSION, CKF_SERIAL_SESSION, CKF_TOKEN_INITIALIZED, CKU_SO } from './cryptoki.js';
import { syncDirectory, writeDurably } from './durable-file.js';
import { callFailed } from './host-error.js';
import { loadModule } from './load-module.js';
import { tokenSlots } from './token-slot.js';

type InitialiseCommand = Extract<HostCommand, { command: 'initialise' }>;

/**
 * Initialises the first slot that has no initialised token, with PINs made at random here, and writes the user's
 * PIN to a new file. It never touches an initialised token: that would destroy its keys.
 *
 * The PIN is durable before the token has it, so that no token is ever locked by a PIN that was lost.
 * Throws TOKEN_NOT_FOUND, TOKEN_MISMATCH (the label is taken), FILE_UNREADABLE, HSM_UNAVAILABLE.
 */
export function initialise(command: InitialiseCommand): z.infer<typeof initialiseReplySchema> {
  const { module } = loadModule(command.module);
  const { label } = command;
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,30}[\x21-\x7e])?$/.test(label)) {
    throw new ChanceryError('TOKEN_MISMATCH', 'a token label has 1 to 32 printable ASCII characters');
  }
  const slots = tokenSlots(module);
  if (slots.some((one) => one.identity.label === label && (one.flags & CKF_TOKEN_INITIALIZED) !== 0)) {
    throw new ChanceryError('TOKEN_MISMATCH', `a token labelled ${JSON.stringify(label)} exists already`, {
      hint: 'choose another label; an initialised token is never initialised again',
    });
  }
  const free = slots.find((one) => (one.flags & CKF_TOKEN_INITIALIZED) === 0);
  if (free === undefined) {
    throw new ChanceryError(
      'TOKEN_NOT_FOUND',
      'the module shows no slot with a token that is not yet initialised',
      {
        hint: 'check SOFTHSM2_CONF and that its token directory is writable',
      },
    );
  }
  const userPin = randomBytes(16).toString('hex');
  const soPin = randomBytes(16).toString('hex');
  const files = [
    { path: command.pinFile, pin: userPin },
    ...(command.soPinFile === null ? [] : [{ path: command.soPinFile, pin: soPin }]),
  ];
  writePins(files);
  try {
    return { ok: true, identity: setUp(module, free.slot, label, soPin, userPin) };
  } catch (error) {
    for (const { path } of files) rmSync(path, { force: true });
    throw callFailed('cannot initialise the token', error);
  }
}

function setUp(
  module: pkcs11js.PKCS11,
  slot: pkcs11js.Handle,
  label: string,
  soPin: string,
  userPin: string,
): TokenIdentity {
  // Padded here: pkcs11js pads with NUL, which other software then shows as part of the label.
  module.C_InitToken(slot, soPin, label.padEnd(32));
  // SoftHSM gives the token another slot now.
  const token = tokenSlots(module).find((one) => one.identity.label === label);
  if (token === undefined) throw new ChanceryError('TOKEN_NOT_FOUND', 'the new token cannot be found');
  const session = module.C_OpenSession(token.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
  module.C_Login(session, CKU_SO, soPin);
  module.C_InitPIN(session, userPin);
  module.C_Logout(session);
  module.C_CloseSession(session);
  return token.identity;
}

function writePins(files: readonly { path: string; pin: string }[]): void {
  const written: string[] = [];
  try {
    for (const { path, pin } of files) {
      writeDurably(path, `${pin}\n`, 0o400);
      written.push(path);
      syncDirectory(dirname(path));
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw new ChanceryError(
      'FILE_UNREADABLE',
      `cannot write the PIN file ${files[written.length]?.path ?? ''}`,
      {
        cause: error,
        hint: 'its directory must exist, and the file must not: a PIN is never overwritten',
      },
    );
  }
}
