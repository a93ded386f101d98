import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type pkcs11js from 'pkcs11js';
import type { TokenIdentity } from '../../../src/hsm/token-options.js';
import type { Attributes } from './key-attributes.js';

const LOGIN_REQUIRED = 0x4;
const TOKEN_INITIALIZED = 0x400;

interface FakeKey {
  readonly label: string;
  readonly attributes: Attributes;
  readonly pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

/** The error that pkcs11js throws for a CK_RV. */
export function pkcs11Error(code: number): Error {
  return Object.assign(new Error(`CKR ${String(code)}`), { name: 'Pkcs11Error', code });
}

/** A PKCS#11 module in memory with one token, as much of it as a start of keys asks for. */
export class FakeModule {
  readonly identity: TokenIdentity;
  readonly keys: FakeKey[] = [];
  /** Mechanism and handle of every signature. */
  readonly signed: { readonly mechanism: number; readonly handle: number }[] = [];
  mechanisms: () => number[] = () => [0x1057];
  /** Thrown when an attribute is read. */
  failure: Error | null = null;
  #found: number[] = [];
  #signing = { mechanism: 0, handle: 0 };

  constructor(identity: TokenIdentity) {
    this.identity = identity;
  }

  add(label: string, attributes: Attributes): FakeKey {
    const key = { label, attributes, pair: generateKeyPairSync('ed25519') };
    this.keys.push(key);
    return key;
  }

  get module(): pkcs11js.PKCS11 {
    const { manufacturer, model, serial, label } = this.identity;
    const handle = (number: number): Buffer => Buffer.from([number]);
    const calls = {
      C_GetSlotList: () => [handle(0)],
      C_GetTokenInfo: () => ({
        manufacturerID: manufacturer,
        model,
        serialNumber: serial,
        label,
        flags: LOGIN_REQUIRED | TOKEN_INITIALIZED,
      }),
      C_GetMechanismList: () => this.mechanisms(),
      C_OpenSession: () => handle(0),
      C_CloseSession: () => undefined,
      C_Login: () => undefined,
      C_FindObjectsInit: (_session: Buffer, template: readonly { type: number; value?: unknown }[]) => {
        const wanted = template.find(({ type }) => type === 0x3)?.value;
        this.#found = this.keys.flatMap((key, index) => (key.label === wanted ? [index] : []));
      },
      C_FindObjects: () => this.#found.splice(0).map(handle),
      C_FindObjectsFinal: () => undefined,
      C_GetAttributeValue: (_session: Buffer, object: Buffer, [asked]: readonly { type: number }[]) => {
        if (this.failure !== null) throw this.failure;
        const value = this.keys[object[0] ?? -1]?.attributes[asked?.type ?? -1] ?? null;
        if (value === null) throw pkcs11Error(0x12);
        return [{ value }];
      },
      C_SignInit: (_session: Buffer, { mechanism }: { mechanism: number }, object: Buffer) => {
        this.#signing = { mechanism, handle: object[0] ?? -1 };
      },
      C_Sign: (_session: Buffer, message: Buffer) => {
        this.signed.push(this.#signing);
        return sign(null, message, this.keys[this.#signing.handle]!.pair.privateKey);
      },
    };
    return calls as unknown as pkcs11js.PKCS11;
  }
}
