import { randomBytes } from 'node:crypto';
import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import { readAttribute } from './attribute.js';
import { CKA_EC_PARAMS, CKA_EC_POINT } from './cryptoki.js';
import { decodeEcPoint } from './ec-point.js';
import { callFailed } from './host-error.js';
import { inADialect, privateTemplate, publicTemplate } from './key-template.js';
import { destroyedUnless, requireGood, type NewKey } from './new-key.js';
import type { Mechanisms } from './quirks.js';

/** Makes an Ed25519 pair inside the token. Throws KEY_UNTRUSTED, HSM_UNAVAILABLE; nothing is left behind then. */
export function generateKeyPair(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  mechanisms: Mechanisms,
  label: string,
): NewKey {
  const name = { label, id: randomBytes(16) };
  try {
    const pair = inADialect((dialect) =>
      module.C_GenerateKeyPair(
        session,
        { mechanism: mechanisms.keyGeneration },
        [...publicTemplate(name), { type: CKA_EC_PARAMS, value: dialect.ecParams }],
        privateTemplate(name, dialect),
      ),
    );
    return destroyedUnless(module, session, pair, () => {
      const point = readAttribute(module, session, pair.publicKey, CKA_EC_POINT);
      const publicKey = point === null ? null : decodeEcPoint(point);
      if (publicKey === null) {
        throw new ChanceryError('KEY_UNTRUSTED', 'the token returns no Ed25519 public key for the new key');
      }
      requireGood(module, session, mechanisms, pair.privateKey, publicKey, []);
      return { publicKey: Buffer.from(publicKey).toString('hex'), objectId: name.id.toString('hex') };
    });
  } catch (error) {
    throw callFailed('cannot generate a key', error);
  }
}
