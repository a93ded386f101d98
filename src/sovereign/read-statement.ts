import { parseTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { quote } from '../core/schema.js';
import { sha256Hex } from '../core/sha256.js';
import { JsonError, parseStrictJson } from '../core/strict-json.js';
import { payloadBytes, type Envelope } from './envelope.js';
import { KINDS, KIND_NAMES, type Kind, type Statement } from './kinds/registry.js';

/** A statement that is well formed; nobody's signature has been looked at. */
export type ReadStatement = Statement & {
  readonly id: string;
  /** Milliseconds. */
  readonly issuedAt: number;
  /** Milliseconds; null when the statement does not expire. */
  readonly expiresAt: number | null;
  /** The exact signed bytes. */
  readonly payloadBytes: Uint8Array;
  /** SHA-256 of the signed bytes, hex. */
  readonly digest: string;
};

/** Decodes the payload and checks it against the schema of its kind. Throws MALFORMED_STATEMENT. */
export function readStatement(envelope: Envelope): ReadStatement {
  const bytes = payloadBytes(envelope);
  const statement = parsePayload(readJson(bytes));
  const { payload } = statement;
  return {
    ...statement,
    id: payload.id,
    issuedAt: milliseconds(payload.issuedAt),
    expiresAt: payload.expiresAt === undefined ? null : milliseconds(payload.expiresAt),
    payloadBytes: bytes,
    digest: sha256Hex(bytes),
  };
}

/** A parsed JSON value as a typed statement. Throws MALFORMED_STATEMENT. */
export function parsePayload(value: unknown): Statement {
  return KINDS[kindOf(value)].read(value);
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) throw malformed(`the payload is ${error.message}`, error);
    throw error;
  }
}

function kindOf(value: unknown): Kind {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('the payload is not a JSON object');
  }
  const type = 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') throw malformed('the payload has no type');
  const kind = KIND_NAMES.find((name) => KINDS[name].type === type);
  if (kind === undefined) {
    const types = KIND_NAMES.map((name) => KINDS[name].type);
    const near = nearest(type, types);
    throw malformed(
      `the type ${quote(type)} is not known (${near === null ? types.join(', ') : `did you mean ${near}?`})`,
    );
  }
  return kind;
}

/** The schema has checked the text. */
function milliseconds(text: string): number {
  const ms = parseTime(text);
  if (ms === null) throw malformed(`the time ${quote(text)} does not exist`);
  return ms;
}

function malformed(message: string, cause?: unknown): ChanceryError {
  return new ChanceryError('MALFORMED_STATEMENT', message, { cause });
}
