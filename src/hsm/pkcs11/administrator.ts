import type pkcs11js from 'pkcs11js';
import type { z } from 'zod';
import { ChanceryError } from '../../core/errors.js';
import type {
  createdReplySchema,
  doneReplySchema,
  HostEvent,
  listReplySchema,
  LoginCommand,
  loginReplySchema,
} from '../host-protocol.js';
import { asNumber, readAttribute } from './attribute.js';
import {
  CKA_CLASS,
  CKA_EC_POINT,
  CKA_ID,
  CKA_KEY_TYPE,
  CKA_LABEL,
  CKF_RW_SESSION,
  CKF_SERIAL_SESSION,
  CKK_EC_EDWARDS,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
} from './cryptoki.js';
import { decodeEcPoint } from './ec-point.js';
import { findObjects, findPrivateKey } from './find-objects.js';
import { generateKeyPair } from './generate.js';
import { callFailed } from './host-error.js';
import { importKeyPair } from './import.js';
import { loadModule } from './load-module.js';
import { logIn } from './login.js';
import type { Mechanisms } from './quirks.js';
import { requireEdwards } from './start-keys.js';
import { findToken } from './token-slot.js';
import { judgeKey } from './trust.js';

type Created = z.infer<typeof createdReplySchema>;

/** Keys of one token, for ceremonies: a read-write session, one operation at a time. */
export class Administrator {
  readonly #module: pkcs11js.PKCS11;
  readonly #session: pkcs11js.Handle;
  readonly #mechanisms: Mechanisms;

  private constructor(module: pkcs11js.PKCS11, session: pkcs11js.Handle, mechanisms: Mechanisms) {
    this.#module = module;
    this.#session = session;
    this.#mechanisms = mechanisms;
  }

  static logIn(
    login: LoginCommand,
    notify: (event: HostEvent) => void,
  ): { readonly administrator: Administrator; readonly reply: z.infer<typeof loginReplySchema> } {
    const { module, sha256 } = loadModule(login.module);
    const token = findToken(module, login.pinned);
    const mechanisms = requireEdwards(module, token);
    let session: pkcs11js.Handle;
    try {
      session = module.C_OpenSession(token.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    } catch (error) {
      throw callFailed('cannot open a read-write session', error);
    }
    const accepted = logIn(module, token, session, login, (message) => {
      notify({ type: 'warning', message });
    });
    const administrator = new Administrator(module, session, mechanisms);
    return { administrator, reply: { ok: true, identity: token.identity, moduleSha256: sha256, accepted } };
  }

  /** Every Ed25519 private key, with its trust checks and the public key that lies beside it. */
  list(): z.infer<typeof listReplySchema> {
    try {
      const handles = findObjects(this.#module, this.#session, [{ type: CKA_CLASS, value: CKO_PRIVATE_KEY }]);
      const edwards = handles.filter(
        (handle) => asNumber(this.#read(handle, CKA_KEY_TYPE)) === CKK_EC_EDWARDS,
      );
      const keys = edwards.map((handle) => {
        const id = this.#read(handle, CKA_ID);
        const read = (attribute: number): Buffer | null => this.#read(handle, attribute);
        return {
          label: this.#read(handle, CKA_LABEL)?.toString('utf8') ?? '',
          objectId: id?.toString('hex') ?? '',
          publicKey: this.#publicKey(id),
          findings: [...judgeKey(read, this.#mechanisms.keyGeneration, [])],
        };
      });
      return { ok: true, keys };
    } catch (error) {
      throw callFailed('cannot list the keys of the token', error);
    }
  }

  /** Throws KEY_AMBIGUOUS when the label is taken: two keys with one label could not be told apart later. */
  generate(label: string): Created {
    this.#requireFree(label);
    return { ok: true, ...generateKeyPair(this.#module, this.#session, this.#mechanisms, label) };
  }

  import(label: string, keypairFile: string): Created {
    this.#requireFree(label);
    return { ok: true, ...importKeyPair(this.#module, this.#session, this.#mechanisms, label, keypairFile) };
  }

  /** Destroys the private key with this label and id, and its public objects. There is no way back. */
  destroy(label: string, objectId: string): z.infer<typeof doneReplySchema> {
    const handle = findPrivateKey(this.#module, this.#session, label, objectId);
    try {
      this.#module.C_DestroyObject(this.#session, handle);
      for (const object of this.#publicObjects(Buffer.from(objectId, 'hex'))) {
        this.#module.C_DestroyObject(this.#session, object);
      }
    } catch (error) {
      throw callFailed('cannot destroy the key', error);
    }
    return { ok: true };
  }

  #requireFree(label: string): void {
    const template = [
      { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
      { type: CKA_LABEL, value: label },
    ];
    if (findObjects(this.#module, this.#session, template).length === 0) return;
    throw new ChanceryError(
      'KEY_AMBIGUOUS',
      `the token already holds a private key with label ${JSON.stringify(label)}`,
      {
        hint: 'choose another label; one that a ceremony which was cut off left there is recorded by `chancery keys import` with this label and no file',
      },
    );
  }

  #publicKey(id: Buffer | null): string | null {
    if (id === null || id.length === 0) return null;
    const [object, second] = this.#publicObjects(id);
    if (object === undefined || second !== undefined) return null;
    const point = this.#read(object, CKA_EC_POINT);
    const decoded = point === null ? null : decodeEcPoint(point);
    return decoded === null ? null : Buffer.from(decoded).toString('hex');
  }

  #publicObjects(id: Buffer): pkcs11js.Handle[] {
    return findObjects(this.#module, this.#session, [
      { type: CKA_CLASS, value: CKO_PUBLIC_KEY },
      { type: CKA_ID, value: id },
    ]);
  }

  #read(handle: pkcs11js.Handle, attribute: number): Buffer | null {
    return readAttribute(this.#module, this.#session, handle, attribute);
  }
}
