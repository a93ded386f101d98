import { randomBytes } from 'node:crypto';
import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import { enrolKey, verifyStrict } from '../../core/ed25519.js';
import { proofMessage } from '../host-protocol.js';
import type { Waiver } from '../../core/key-checks.js';
import { readAttribute } from './attribute.js';
import type { Mechanisms } from './quirks.js';
import { judgeKey } from './trust.js';

export interface NewKey {
  /** Hex. */
  readonly publicKey: string;
  readonly objectId: string;
}

/**
 * A key that was just made must pass every check and sign for its public key. Throws KEY_UNTRUSTED, within
 * `destroyedUnless`: a key that is no good is best found out before anybody sends money to it.
 */
export function requireGood(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  mechanisms: Mechanisms,
  privateKey: pkcs11js.Handle,
  publicKey: Uint8Array,
  waivers: readonly Waiver[],
): void {
  const read = (attribute: number): Buffer | null => readAttribute(module, session, privateKey, attribute);
  const failed = judgeKey(read, mechanisms.keyGeneration, waivers).filter(
    ({ verdict }) => verdict === 'fail',
  );
  if (failed.length > 0) {
    const names = failed.map(({ check, actual }) => `${check} is ${actual}`).join(', ');
    throw new ChanceryError('KEY_UNTRUSTED', `the token does not make keys that can be trusted: ${names}`);
  }
  const key = enrolKey(publicKey);
  const message = proofMessage(randomBytes(32));
  module.C_SignInit(session, { mechanism: mechanisms.eddsa }, privateKey);
  const signature = module.C_Sign(session, message, Buffer.alloc(64));
  if (key === null || !verifyStrict(key, message, signature)) {
    throw new ChanceryError('KEY_UNTRUSTED', 'the new key does not sign for its public key');
  }
}

/** What `work` makes of a new pair. When it throws, the objects of the pair are destroyed, as far as the token lets us. */
export function destroyedUnless<Result>(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  pair: Partial<pkcs11js.KeyPair>,
  work: () => Result,
): Result {
  try {
    return work();
  } catch (error) {
    for (const object of [pair.privateKey, pair.publicKey]) {
      if (object === undefined) continue;
      try {
        module.C_DestroyObject(session, object);
      } catch {
        // The first error is the one to report; what is left carries a label that a later try will refuse.
      }
    }
    throw error;
  }
}
