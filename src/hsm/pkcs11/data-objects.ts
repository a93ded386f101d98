import type pkcs11js from 'pkcs11js';
import {
  CKA_APPLICATION,
  CKA_CLASS,
  CKA_LABEL,
  CKA_PRIVATE,
  CKA_TOKEN,
  CKA_VALUE,
  CKF_RW_SESSION,
  CKF_SERIAL_SESSION,
  CKO_DATA,
} from './cryptoki.js';
import { readAttribute } from './attribute.js';
import { findObjects } from './find-objects.js';
import { callFailed } from './host-error.js';
import type { TokenSlot } from './token-slot.js';

/** What the objects are found again by, beside their name. */
const LABEL = 'chancery-anchor';
/** More than these were never left by a crash. */
const MAX_OBJECTS = 16;

/** The values of our data objects of this name. Throws HSM_UNAVAILABLE. */
export function readDataObjects(module: pkcs11js.PKCS11, session: pkcs11js.Handle, name: string): Buffer[] {
  try {
    const handles = findObjects(module, session, template(name)).slice(0, MAX_OBJECTS);
    return handles.flatMap((handle) => readAttribute(module, session, handle, CKA_VALUE) ?? []);
  } catch (error) {
    throw callFailed('cannot read data objects of the token', error);
  }
}

/**
 * Creates an object with this value, then destroys the others of its name: a value cannot be changed in place on
 * every token, and between the two steps there are two of them, never none. Private, so that it takes the PIN to
 * put another in its place. The session is opened and closed here: those that sign are read-only. Throws
 * HSM_UNAVAILABLE.
 */
export function replaceDataObjects(
  module: pkcs11js.PKCS11,
  { slot }: TokenSlot,
  name: string,
  value: Buffer,
): void {
  let session: pkcs11js.Handle | null = null;
  try {
    session = module.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    const before = findObjects(module, session, template(name));
    module.C_CreateObject(session, [
      ...template(name),
      { type: CKA_TOKEN, value: true },
      { type: CKA_PRIVATE, value: true },
      { type: CKA_VALUE, value },
    ]);
    for (const handle of before) module.C_DestroyObject(session, handle);
  } catch (error) {
    throw callFailed('cannot replace a data object of the token', error);
  } finally {
    if (session !== null) close(module, session);
  }
}

function template(name: string): pkcs11js.Template {
  return [
    { type: CKA_CLASS, value: CKO_DATA },
    { type: CKA_LABEL, value: LABEL },
    { type: CKA_APPLICATION, value: name },
  ];
}

function close(module: pkcs11js.PKCS11, session: pkcs11js.Handle): void {
  try {
    module.C_CloseSession(session);
  } catch {
    // Gone already, which is what was wanted.
  }
}
