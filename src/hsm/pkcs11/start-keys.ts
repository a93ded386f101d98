import type pkcs11js from 'pkcs11js';
import type { z } from 'zod';
import { ChanceryError } from '../../core/errors.js';
import { proofMessage, type HostCommand, type HostEvent, type startReplySchema } from '../host-protocol.js';
import { readAttribute } from './attribute.js';
import { CKA_ID } from './cryptoki.js';
import { callFailed } from './host-error.js';
import type { LoadedModule } from './load-module.js';
import { edwardsMechanisms, type Mechanisms } from './quirks.js';
import { SigningSession } from './signing-session.js';
import { findToken, type TokenSlot } from './token-slot.js';
import { judgeKey } from './trust.js';

type StartCommand = Extract<HostCommand, { command: 'start' }>;
type StartReply = z.infer<typeof startReplySchema>;

/** Find the token, log in, find the keys, judge them, prove them. Throws with the codes of `startToken`. */
export function startKeys(
  { module, sha256 }: LoadedModule,
  command: StartCommand,
  notify: (event: HostEvent) => void,
): { readonly signing: SigningSession; readonly reply: StartReply } {
  const token = findToken(module, command.login.pinned);
  const mechanisms = requireEdwards(module, token);
  const signing = new SigningSession(module, token, mechanisms.eddsa, command.login, notify);
  const handles = signing.hold(command.keys);
  const nonce = proofMessage(Buffer.from(command.nonce, 'hex'));
  const keys = command.keys.map((key, index) => {
    const handle = handles[index];
    if (handle === undefined) throw new ChanceryError('INTERNAL', 'a key was found and lost');
    try {
      const read = (attribute: number): Buffer | null =>
        readAttribute(module, signing.session, handle, attribute);
      const findings = judgeKey(read, mechanisms.keyGeneration, key.waivers);
      const objectId = read(CKA_ID)?.toString('hex') ?? '';
      const failed = findings.filter((finding) => finding.verdict === 'fail');
      if (failed.length > 0) throw untrusted(key.id, failed);
      return { objectId, findings: [...findings], proof: signing.prove(index, nonce).toString('hex') };
    } catch (error) {
      throw callFailed(`key ${key.id} cannot be used`, error);
    }
  });
  const accepted = signing.accepted;
  if (accepted === null) throw new ChanceryError('INTERNAL', 'logged in without a PIN');
  return { signing, reply: { ok: true, identity: token.identity, moduleSha256: sha256, accepted, keys } };
}

/** Throws TOKEN_MISMATCH when the token has no Ed25519 at all. */
export function requireEdwards(module: pkcs11js.PKCS11, token: TokenSlot): Mechanisms {
  let listed: number[];
  try {
    listed = module.C_GetMechanismList(token.slot);
  } catch (error) {
    throw callFailed('cannot list the mechanisms of the token', error);
  }
  const mechanisms = edwardsMechanisms(token.identity, listed);
  if (mechanisms !== null) return mechanisms;
  throw new ChanceryError('TOKEN_MISMATCH', 'the token offers no Ed25519 signatures (CKM_EDDSA)', {
    hint: 'Solana keys are Ed25519; hsm-config/ says which tokens have it',
  });
}

function untrusted(
  key: string,
  failed: readonly { check: string; expected: string; actual: string }[],
): ChanceryError {
  const sentences = failed.map(({ check, expected, actual }) => `${check} is ${actual}, must be ${expected}`);
  return new ChanceryError('KEY_UNTRUSTED', `key ${key}: ${sentences.join('; ')}`, {
    hint: 'generate a new key with `chancery keys generate`, or have the Sovereign waive these checks for this key by name',
  });
}
