import { dirname, resolve } from 'node:path';
import { ChanceryError } from '../core/errors.js';
import { issueSentence, pathText, placeOf } from '../core/schema.js';
import { parseStrictYaml, YamlError, type YamlDocument } from '../core/strict-yaml.js';
import { readFileUpTo } from '../core/read-file.js';
import { configSchema, type ConfigText, type Power } from './schema.js';
import { checkSocketPath } from '../core/socket-path.js';

/** chancery.yaml: how this daemon runs. An operator owns it; it chooses paths and sizes and can widen nothing (I8). */
export interface Config {
  /** Absolute path of the file itself. */
  readonly file: string;
  /** Its directory, absolute: what relative paths start from. */
  readonly directory: string;
  readonly name: string;
  readonly sockets: {
    readonly signer: SocketConfig;
    readonly admin: SocketConfig;
  };
  /** Null: whoever the mode of the admin socket lets in may do all. */
  readonly operators: ReadonlyMap<number, ReadonlySet<Power>> | null;
  readonly ledger: {
    readonly directory: string;
    /** Where old segments were moved, absolute. */
    readonly archives: readonly string[];
    /** Milliseconds between checkpoints of a ledger that grows. */
    readonly checkpointInterval: number;
    /** Bytes of it that the requests of one uid may fill in 24 hours. */
    readonly dailyBytesPerUid: number;
  };
  /** Absolute path of policy.yaml; its statement is beside it with `.sig`. */
  readonly policy: string;
  readonly tokens: ReadonlyMap<string, TokenConfig>;
  /** Only what the file says; the transport has a default for each. */
  readonly limits: LimitsConfig;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
}

export interface SocketConfig {
  readonly path: string;
  readonly mode: number;
  /** Name or number; null for the group of the daemon. */
  readonly group: string | null;
}

export interface TokenConfig {
  readonly name: string;
  /** Absolute path of the PKCS#11 module. */
  readonly module: string;
  readonly pin: { readonly file: string } | { readonly credential: string };
  readonly environment: Readonly<Record<string, string>>;
  /** Read and checked for whoever has it in the file; the host holds two, whatever it says. */
  readonly sessions: number;
}

export type LimitsConfig = Readonly<
  Partial<
    Record<
      | 'maxRequestBytes'
      | 'maxConnections'
      | 'maxConnectionsPerUid'
      | 'maxInFlightPerConnection'
      | 'maxInFlightPerUid'
      | 'maxInFlight',
      number
    >
  >
>;

const MAX_CONFIG_BYTES = 256 * 1024;
const DEFAULT_SOCKET_MODE = 0o660;
const DEFAULT_SESSIONS = 4;
const DEFAULT_CHECKPOINT_INTERVAL = 10_000;
const DEFAULT_DAILY_BYTES_PER_UID = 4 * 1024 ** 3;

/**
 * Reads chancery.yaml. Throws FILE_UNREADABLE, CONFIG_INVALID with the path and line of the first findings (an
 * unknown key names the nearest known one), PATH_TOO_LONG when a socket path does not fit.
 */
export function loadConfig(path: string): Config {
  const file = resolve(path);
  return parseConfig(readFileUpTo(file, `the configuration ${file}`, MAX_CONFIG_BYTES), file);
}

/** The same from bytes; `file` is the absolute path that relative paths are taken from. */
export function parseConfig(bytes: Uint8Array, file: string): Config {
  const document = readDocument(bytes, file);
  const parsed = configSchema.safeParse(document.value);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    const line = first === undefined ? '' : `line ${String(document.lineOf(placeOf(first)))}: `;
    throw invalid(file, `${line}${issueSentence(parsed.error)}`);
  }
  return resolveConfig(parsed.data, file);
}

function readDocument(bytes: Uint8Array, file: string): YamlDocument {
  try {
    return parseStrictYaml(bytes, MAX_CONFIG_BYTES);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw invalid(
      file,
      `${error.line === null ? '' : `line ${String(error.line)}: `}${error.message}`,
      error,
    );
  }
}

function resolveConfig(text: ConfigText, file: string): Config {
  const directory = dirname(file);
  const at = (path: string): string => resolve(directory, path);
  const { signer, admin } = text.sockets;
  const sockets = {
    signer: { path: at(signer.path), mode: signer.mode ?? DEFAULT_SOCKET_MODE, group: signer.group ?? null },
    admin: { path: at(admin.path), mode: admin.mode ?? DEFAULT_SOCKET_MODE, group: admin.group ?? null },
  };
  checkSocketPath(sockets.signer.path);
  checkSocketPath(sockets.admin.path);
  if (sockets.signer.path === sockets.admin.path) {
    throw invalid(file, 'sockets: signer and admin have the same path');
  }
  return {
    file,
    directory,
    name: text.name,
    sockets,
    operators: operatorsOf(text, file),
    ledger: {
      directory: at(text.ledger.directory),
      archives: (text.ledger.archives ?? []).map(at),
      checkpointInterval: text.ledger.checkpointInterval ?? DEFAULT_CHECKPOINT_INTERVAL,
      dailyBytesPerUid: text.ledger.dailyBytesPerUid ?? DEFAULT_DAILY_BYTES_PER_UID,
    },
    policy: at(text.policy),
    tokens: new Map(Object.entries(text.tokens).map(([name, token]) => [name, tokenOf(name, token, at)])),
    limits: text.limits ?? {},
    log: { level: text.log?.level ?? 'info' },
  };
}

function operatorsOf(text: ConfigText, file: string): Config['operators'] {
  if (text.operators === undefined) return null;
  const operators = new Map<number, ReadonlySet<Power>>();
  for (const [index, { uid, may }] of text.operators.entries()) {
    if (operators.has(uid)) {
      throw invalid(file, `${pathText(['operators', index, 'uid'])}: uid ${String(uid)} stands twice`);
    }
    operators.set(uid, new Set(may));
  }
  return operators;
}

function tokenOf(
  name: string,
  text: ConfigText['tokens'][string],
  at: (path: string) => string,
): TokenConfig {
  return {
    name,
    module: at(text.module),
    pin: 'file' in text.pin ? { file: at(text.pin.file) } : text.pin,
    environment: Object.fromEntries(
      Object.entries(text.environment ?? {}).map(([variable, value]) => [
        variable,
        // The host process has its own working directory: a relative path would mean nothing there.
        variable.endsWith('_CONF') ? at(value) : value,
      ]),
    ),
    sessions: text.sessions ?? DEFAULT_SESSIONS,
  };
}

function invalid(file: string, message: string, cause?: unknown): ChanceryError {
  return new ChanceryError('CONFIG_INVALID', `${file}: ${message}`, { cause });
}
