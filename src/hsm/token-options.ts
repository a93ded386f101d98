import type { TokenEvent } from './token-event.js';
import type { Waiver } from '../core/key-checks.js';

/** What a token says of itself, blanks trimmed. Slot ids are not in it: they change when a token is initialised. */
export interface TokenIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  readonly label: string;
}

export function sameIdentity(a: TokenIdentity, b: TokenIdentity): boolean {
  return (
    a.manufacturer === b.manufacturer && a.model === b.model && a.serial === b.serial && a.label === b.label
  );
}

/**
 * Where the host process reads the PIN: a file only its owner can read, or `$CREDENTIALS_DIRECTORY/<credential>`
 * (systemd's LoadCredential). Never the PIN itself: it is in no configuration, argument or environment.
 */
export type PinSource = { readonly file: string } | { readonly credential: string };

/** Where to find a token, and how to log in to it. */
export interface TokenAccess {
  /** Absolute path of the PKCS#11 module. */
  readonly module: string;
  /** What the module needs in its environment, such as SOFTHSM2_CONF; the daemon's own environment is not passed on. */
  readonly environment: Readonly<Record<string, string>>;
  readonly pin: PinSource;
  readonly pinned: TokenIdentity;
  /** The compiled host process, `dist/hsm/pkcs11/host-main.js`. */
  readonly hostScript: string;
  /** An existing directory, writable by the host only, where a refused PIN is remembered for ever. */
  readonly latchDirectory: string;
}

/** A private key the token must hold, and the public key it must belong to. */
export interface TokenKey {
  /** The key's id in the policy, for people; `sign` names the public key. */
  readonly id: string;
  readonly label: string;
  /** CKA_ID in hex; without it the label alone must match exactly one key. */
  readonly objectId?: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Trust checks this key may fail. */
  readonly waivers?: readonly Waiver[];
}

export interface TokenOptions extends TokenAccess {
  /** Its name in chancery.yaml. */
  readonly name: string;
  readonly keys: readonly TokenKey[];
  /** The module that is recorded for this token: another is not started with. Absent: the first one found counts. */
  readonly moduleSha256?: string | undefined;
  /** Called for everything that an operator should know; must not throw. */
  readonly report: (event: TokenEvent) => void;
  readonly timing?: Partial<TokenTiming>;
}

/** Milliseconds. */
export interface TokenTiming {
  /** Without an answer for this long, while it has work, the host is killed. */
  readonly watchdog: number;
  /** The same for start-up: loading, login, finding keys. */
  readonly start: number;
  /** A request not dispatched by then fails. */
  readonly queue: number;
  /** First pause before a restart; doubled each time. */
  readonly backoff: number;
  readonly backoffMax: number;
}

export const DEFAULT_TIMING: TokenTiming = {
  watchdog: 10_000,
  start: 60_000,
  queue: 5_000,
  backoff: 200,
  backoffMax: 30_000,
};
