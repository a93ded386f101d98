/**
 * The one closed union of error codes, and the one error class.
 *
 * Wire codes leave through JSON-RPC as `data.code`; local codes are met at start-up, in the CLI and in the
 * client library. Every code is documented in docs/errors.md, which is generated from `ERROR_GUIDE`.
 */

/** Codes a daemon may answer on its sockets: fixed names. */
export const WIRE_CODES = [
  'MALFORMED_REQUEST',
  'MALFORMED_TRANSACTION',
  'MALFORMED_STATEMENT',
  'UNKNOWN_METHOD',
  'UNKNOWN_KEY',
  'WORKLOAD_UNKNOWN',
  'WORKLOAD_CHANGED',
  'KEY_NOT_GRANTED',
  'ATTESTATION_REQUIRED',
  'ATTESTATION_STALE',
  'ATTESTATION_EXPIRED',
  'ATTESTATION_REVOKED',
  'STATEMENT_INVALID',
  'QUORUM_NOT_MET',
  'POSSESSION_REQUIRED',
  'NOT_A_SIGNER',
  'INSTRUCTION_NOT_ALLOWED',
  'PROGRAM_NOT_ALLOWED',
  'OPAQUE_INSTRUCTION',
  'DESTINATION_NOT_ALLOWED',
  'ASSET_NOT_ALLOWED',
  'UNRESOLVED_LOOKUP',
  'DURABLE_NONCE_NOT_ALLOWED',
  'FEE_LIMIT_EXCEEDED',
  'SPEND_LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'OUTSIDE_HOURS',
  'VOTE_UNSAFE',
  'KEY_FROZEN',
  'KEY_RETIRED',
  'HSM_UNAVAILABLE',
  'LEDGER_UNAVAILABLE',
  'CLOCK_JUMPED',
  'OVERLOADED',
  'INTERNAL',
] as const;
export type WireCode = (typeof WIRE_CODES)[number];

/** Codes met before or outside a daemon: configuration, ceremony, files, the command line, the client. */
export const LOCAL_CODES = [
  'USAGE',
  'CONFIG_INVALID',
  'POLICY_INVALID',
  'POLICY_NOT_IN_FORCE',
  'PATH_TOO_LONG',
  'PERMISSION_UNSAFE',
  'DIRECTORY_NOT_EMPTY',
  'FILE_UNREADABLE',
  'SYSTEM_PACKAGE_MISSING',
  'SOCKET_IN_USE',
  'LEDGER_MISSING',
  'LEDGER_EXISTS',
  'LEDGER_LOCKED',
  'LEDGER_DAMAGED',
  'TOKEN_NOT_FOUND',
  'TOKEN_MISMATCH',
  'PIN_REFUSED',
  'KEY_NOT_FOUND',
  'KEY_AMBIGUOUS',
  'KEY_UNTRUSTED',
  'SIGNATURE_WRONG',
  'RESPONSE_INVALID',
  'DAEMON_UNREACHABLE',
  'TIMEOUT',
  'ABORTED',
] as const;
export type LocalCode = (typeof LOCAL_CODES)[number];

export type ErrorCode = WireCode | LocalCode;

/**
 * One rule that failed, with its figures. Amounts are decimal strings in base units (lamports for SOL), times
 * RFC 3339, keys base58. `message` is one sentence in lower case without a full stop, safe to show to the
 * caller: it never repeats text chosen by another party without escaping.
 */
export interface Failure {
  readonly code: WireCode;
  readonly message: string;
  /** Instruction index in the message; `inner` is the position within a Batch. */
  readonly instruction?: number;
  readonly inner?: number;
  /** Program id, base58. */
  readonly program?: string;
  /** Byte offset into the input, for malformed input. */
  readonly offset?: number;
  /** The policy path of the rule, e.g. `keys.trading-1.limits[0]`. */
  readonly rule?: string;
  readonly asset?: string;
  readonly window?: string;
  readonly limit?: string;
  readonly spent?: string;
  readonly requested?: string;
  readonly resetsAt?: string;
  readonly destination?: string;
}

export interface ErrorOptions {
  readonly cause?: unknown;
  readonly failures?: readonly Failure[];
  /** What to do next, one sentence. Shown by the CLI and sent as `data.hint`. */
  readonly hint?: string | undefined;
  /** Id of the request that failed, in the daemon's log and ledger; on errors that came over the wire. */
  readonly request?: string | undefined;
}

/** The only error class Chancery throws on purpose. Anything else that escapes is a bug and becomes INTERNAL. */
export class ChanceryError extends Error {
  readonly code: ErrorCode;
  readonly failures: readonly Failure[];
  readonly hint: string | undefined;
  readonly request: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ChanceryError';
    this.code = code;
    this.failures = options.failures ?? [];
    this.hint = options.hint;
    this.request = options.request;
  }
}

/** The code of whatever was thrown: what Chancery did not throw on purpose is a bug of its own. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof ChanceryError ? error.code : 'INTERNAL';
}

/** The same error, with what or whom it is about before its message. */
export function errorOf(subject: string, error: ChanceryError): ChanceryError {
  const { code, message, failures, hint, cause } = error;
  return new ChanceryError(code, `${subject}: ${message}`, {
    cause: cause ?? error,
    failures,
    hint,
  });
}

/** An error made of failures: its code is that of the first failure, its message their sentences. */
export function refusal(failures: readonly [Failure, ...Failure[]]): ChanceryError {
  const message = failures.map((failure) => failure.message).join('; ');
  return new ChanceryError(failures[0].code, message, { failures });
}

const wireCodes: ReadonlySet<string> = new Set(WIRE_CODES);

export function isWireCode(code: string): code is WireCode {
  return wireCodes.has(code);
}
