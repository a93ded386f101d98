import type pkcs11js from 'pkcs11js';
import { ChanceryError } from '../../core/errors.js';
import { SIGNATURE_BYTES } from '../frames.js';
import type { HostEvent, LoginCommand, SoughtKey } from '../host-protocol.js';
import { CKF_RW_SESSION, CKF_SERIAL_SESSION } from './cryptoki.js';
import { readDataObjects, replaceDataObjects } from './data-objects.js';
import { findPrivateKey } from './find-objects.js';
import { callFailed, HostEnds } from './host-error.js';
import { logIn } from './login.js';
import { NO_SIGNATURE, recoveryFor, returnValueName, returnValueOf, type Recovery } from './return-value.js';
import type { TokenSlot } from './token-slot.js';

/** Requests in a row that may fail before the host is started afresh. */
const MAX_FAILURES = 5;

/**
 * Two sessions and the handles of the keys. The first session stays idle: the login, and with it every private
 * handle, dies with the last session. The second signs, and is replaced after any failure, because an operation
 * left active survives a failed C_Sign, and only closing its session ends it on every token.
 */
export class SigningSession {
  readonly #module: pkcs11js.PKCS11;
  readonly #token: TokenSlot;
  readonly #mechanism: pkcs11js.Mechanism;
  readonly #notify: (event: HostEvent) => void;
  readonly #output = Buffer.alloc(SIGNATURE_BYTES);
  #login: LoginCommand;
  #keys: readonly SoughtKey[] = [];
  #idle: pkcs11js.Handle;
  #active: pkcs11js.Handle;
  #handles: readonly pkcs11js.Handle[] = [];
  /** What each key has signed for the daemon to verify, by position. */
  readonly #proofs: { readonly message: Buffer; readonly signature: Buffer }[] = [];
  #failures = 0;

  /** Opens the sessions and logs in. Throws PIN_REFUSED, HSM_UNAVAILABLE and what reading the PIN throws. */
  constructor(
    module: pkcs11js.PKCS11,
    token: TokenSlot,
    eddsa: number,
    login: LoginCommand,
    notify: (event: HostEvent) => void,
  ) {
    this.#module = module;
    this.#token = token;
    // No CK_EDDSA_PARAMS: pure Ed25519 is the default everywhere, and some tokens refuse a parameter.
    this.#mechanism = { mechanism: eddsa };
    this.#login = login;
    this.#notify = notify;
    this.#idle = this.#open();
    this.#logIn();
    this.#active = this.#open();
  }

  /** The tag of the PIN that was accepted. */
  get accepted(): string | null {
    return this.#login.accepted;
  }

  get session(): pkcs11js.Handle {
    return this.#active;
  }

  /** Values of our data objects. Throws HSM_UNAVAILABLE. */
  readObjects(name: string): Buffer[] {
    return readDataObjects(this.#module, this.#active, name);
  }

  /** Throws HSM_UNAVAILABLE. */
  replaceObjects(name: string, value: Buffer): void {
    replaceDataObjects(this.#module, this.#token, name, value);
  }

  /** Finds the keys that `sign` will name by their position. Throws KEY_NOT_FOUND, KEY_AMBIGUOUS. */
  hold(keys: readonly SoughtKey[]): readonly pkcs11js.Handle[] {
    this.#keys = keys;
    this.#handles = keys.map((key) => findPrivateKey(this.#module, this.#active, key.label, key.objectId));
    return this.#handles;
  }

  /** The key's signature of what the daemon verifies at the start; asked once for each key, in their order. */
  prove(key: number, message: Buffer): Buffer {
    const signature = Buffer.from(this.sign(key, message));
    this.#proofs.push({ message, signature });
    return signature;
  }

  /**
   * 64 bytes, valid until the next call. Signing again after a failure is safe, because Ed25519 is deterministic:
   * the same bytes can have one signature only.
   *
   * Throws HostEnds when the host must be started afresh, PIN_REFUSED when a new login was refused, else the
   * error of the module.
   */
  sign(key: number, message: Buffer): Buffer {
    const repairs: Recovery[] = [];
    for (;;) {
      try {
        const signature = this.#signOnce(key, message);
        this.#failures = 0;
        return signature;
      } catch (error) {
        // Requests are counted, not tries.
        if (repairs.length === 0) this.#failures += 1;
        const repair = this.#recover(returnValueOf(error) ?? NO_SIGNATURE);
        const repairable = repair === 'session' || repair === 'login';
        // Each repair once, or one request could hold up all others. Both, because a token that has lost all its
        // sessions speaks of the session first, and only in a new one of the login.
        if (!repairable || repairs.includes(repair)) throw error;
        repairs.push(repair);
      }
    }
  }

  #signOnce(key: number, message: Buffer): Buffer {
    const handle = this.#handles[key];
    if (handle === undefined)
      throw new ChanceryError('INTERNAL', 'the daemon named a key this host does not hold');
    this.#module.C_SignInit(this.#active, this.#mechanism, handle);
    // Zeroed, so that a module that reports success without writing cannot pass off the last signature as this one.
    this.#output.fill(0);
    const signature = this.#module.C_Sign(this.#active, message, this.#output);
    if (signature.length !== SIGNATURE_BYTES) {
      throw new ChanceryError(
        'HSM_UNAVAILABLE',
        `the token returned ${String(signature.length)} bytes for a signature`,
      );
    }
    return signature;
  }

  #recover(returnValue: number): Recovery {
    const recovery = recoveryFor(returnValue);
    if (recovery === 'restart' || this.#failures >= MAX_FAILURES) throw new HostEnds(returnValue);
    const action = recovery === 'login' ? 'login' : 'session';
    try {
      if (action === 'login') this.#openAll();
      else this.#replaceActive();
    } catch (error) {
      if (error instanceof ChanceryError && error.code === 'PIN_REFUSED') throw error;
      throw new HostEnds(returnValueOf(error) ?? returnValue);
    }
    // What was done, not what the code may ask for: a C_Sign that speaks of the PIN latches nothing.
    this.#notify({ type: 'recovered', action, returnValue: returnValueName(returnValue) });
    return recovery;
  }

  #replaceActive(): void {
    this.#close(this.#active);
    this.#active = this.#open();
  }

  #openAll(): void {
    this.#close(this.#active);
    this.#close(this.#idle);
    this.#idle = this.#open();
    this.#logIn();
    this.#active = this.#open();
    this.hold(this.#keys);
    this.#proveAgain();
  }

  /**
   * What has a key's label by now may be another key, as on a copy of the token that was put in its place: its first
   * signature would latch the pinned one for good. Ed25519 is deterministic: the right key signs as it did before.
   */
  #proveAgain(): void {
    for (const [key, { message, signature }] of this.#proofs.entries()) {
      if (!this.#signOnce(key, message).equals(signature)) {
        throw new ChanceryError('KEY_UNTRUSTED', 'a key signs otherwise than at the start');
      }
      // Some sessions are good for one signature.
      this.#replaceActive();
    }
  }

  #logIn(): void {
    const warn = (message: string): void => {
      this.#notify({ type: 'warning', message });
    };
    const accepted = logIn(this.#module, this.#token, this.#idle, this.#login, warn);
    this.#login = { ...this.#login, accepted };
  }

  /** Read-only, for signing writes nothing; read-write on a token that has no other sessions. */
  #open(): pkcs11js.Handle {
    const { slot } = this.#token;
    try {
      return this.#module.C_OpenSession(slot, CKF_SERIAL_SESSION);
    } catch (error) {
      const returnValue = returnValueOf(error);
      if (returnValue === null || recoveryFor(returnValue) !== 'fail') throw openFailed(error);
    }
    try {
      return this.#module.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    } catch (error) {
      throw openFailed(error);
    }
  }

  #close(session: pkcs11js.Handle): void {
    try {
      this.#module.C_CloseSession(session);
    } catch {
      // The session may be gone already, which is what was wanted.
    }
  }
}

function openFailed(error: unknown): Error {
  return callFailed('cannot open a session', error);
}
