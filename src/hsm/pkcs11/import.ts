import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import { CKA_EC_PARAMS, CKA_EC_POINT, CKA_VALUE } from './cryptoki.js';
import { encodeEcPoint } from './ec-point.js';
import { callFailed } from './host-error.js';
import { inADialect, privateTemplate, publicTemplate } from './key-template.js';
import { readKeypairFile } from './keypair-file.js';
import { destroyedUnless, requireGood, type NewKey } from './new-key.js';
import type { Mechanisms } from './quirks.js';

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Puts the key of a Solana keypair file into the token. The value has existed outside it: the key passes the trust
 * checks only with the waiver `imported`. Throws FILE_UNREADABLE, PERMISSION_UNSAFE, KEY_UNTRUSTED (the file's two
 * halves do not belong together, or the key does not sign), HSM_UNAVAILABLE; nothing is left on the token then.
 */
export function importKeyPair(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  mechanisms: Mechanisms,
  label: string,
  path: string,
): NewKey {
  const keypair = readKeypairFile(path);
  try {
    const seed = keypair.subarray(0, 32);
    const publicKey = Buffer.from(keypair.subarray(32));
    if (!derive(seed).equals(publicKey)) {
      throw new ChanceryError('KEY_UNTRUSTED', `the public key in ${path} is not that of its private key`, {
        hint: 'the file is damaged or was put together from two keys: do not use it',
      });
    }
    const name = { label, id: randomBytes(16) };
    createPair(module, session, mechanisms, name, seed, publicKey);
    return { publicKey: publicKey.toString('hex'), objectId: name.id.toString('hex') };
  } catch (error) {
    throw callFailed('cannot import the key', error);
  } finally {
    keypair.fill(0);
  }
}

function createPair(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  mechanisms: Mechanisms,
  name: { readonly label: string; readonly id: Buffer },
  seed: Buffer,
  publicKey: Buffer,
): void {
  // The public object first: a host that dies between the two leaves an object that is nobody's, and the label free.
  const pair: Partial<pkcs11js.KeyPair> = {
    publicKey: inADialect((dialect) =>
      module.C_CreateObject(session, [
        ...publicTemplate(name),
        { type: CKA_EC_PARAMS, value: dialect.ecParams },
        { type: CKA_EC_POINT, value: encodeEcPoint(publicKey) },
      ]),
    ),
  };
  destroyedUnless(module, session, pair, () => {
    // VALUE is the seed: SoftHSM also takes the 64 bytes of the file, and fails at the first signature.
    const privateKey = inADialect((dialect) =>
      module.C_CreateObject(session, [
        ...privateTemplate(name, dialect),
        { type: CKA_EC_PARAMS, value: dialect.ecParams },
        { type: CKA_VALUE, value: seed },
      ]),
    );
    pair.privateKey = privateKey;
    requireGood(module, session, mechanisms, privateKey, publicKey, ['imported']);
  });
}

function derive(seed: Buffer): Buffer {
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  try {
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    return key.export({ format: 'der', type: 'spki' }).subarray(-32);
  } finally {
    der.fill(0);
  }
}
