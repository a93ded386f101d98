import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import { CKA_CLASS, CKA_ID, CKA_LABEL, CKO_PRIVATE_KEY } from './cryptoki.js';

const BATCH = 64;

/** Handles of every object that matches; the search is always closed, so that the session stays usable. */
export function findObjects(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  template: pkcs11js.Template,
): pkcs11js.Handle[] {
  module.C_FindObjectsInit(session, template);
  try {
    const found: pkcs11js.Handle[] = [];
    for (;;) {
      const batch = module.C_FindObjects(session, BATCH);
      if (batch.length === 0) return found;
      found.push(...batch);
    }
  } finally {
    module.C_FindObjectsFinal(session);
  }
}

/**
 * The one private key with this label and, when given, this CKA_ID (hex). Throws KEY_NOT_FOUND, KEY_AMBIGUOUS:
 * which of two keys a token returns first is chance.
 */
export function findPrivateKey(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  label: string,
  objectId: string | null,
): pkcs11js.Handle {
  const template = [
    { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
    { type: CKA_LABEL, value: label },
    ...(objectId === null ? [] : [{ type: CKA_ID, value: Buffer.from(objectId, 'hex') }]),
  ];
  const found = findObjects(module, session, template);
  const name = JSON.stringify(label) + (objectId === null ? '' : ` and id ${objectId}`);
  const [handle] = found;
  if (handle === undefined) {
    throw new ChanceryError('KEY_NOT_FOUND', `the token holds no private key with label ${name}`, {
      hint: 'see what it holds with: chancery keys list',
    });
  }
  if (found.length > 1) {
    throw new ChanceryError(
      'KEY_AMBIGUOUS',
      `the token holds ${String(found.length)} private keys with label ${name}`,
      {
        hint: objectId === null ? 'name the one that is meant by its object id too' : 'remove the copies',
      },
    );
  }
  return handle;
}
