import { z } from 'zod';
import { decodeBase64 } from '../core/base64.js';
import { ChanceryError } from '../core/errors.js';
import { issueSentence, strictObject } from '../core/schema.js';
import { JsonError, parseStrictJson } from '../core/strict-json.js';
import { MAX_SIGNATURES } from './authority.js';

/** A statement as it travels and as it stands in the ledger: the exact signed bytes and who signed them. */
export interface Envelope {
  /** Base64 of the exact UTF-8 JSON bytes. */
  readonly payload: string;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  /** Id of the authority in the policy in force. */
  readonly authority: string;
  /** `sshsig` or `solana-offchain`. */
  readonly scheme: string;
  /** sshsig: the armored text. solana-offchain: base58 of 64 bytes. */
  readonly signature: string;
}

/** Largest payload, in bytes. */
export const MAX_PAYLOAD_BYTES = 32 * 1024;
/**
 * Largest statement as JSON, in bytes: it must fit a ledger entry (65,535 bytes) with the rest of the entry, or a
 * statement with a good quorum could not be recorded.
 */
const MAX_STATEMENT_BYTES = 60 * 1024;
/** An armored FIDO signature with the longest application has about 750 characters. */
const MAX_SIGNATURE_TEXT = 1024;

/** Room for white space. */
const MAX_FILE_BYTES = 4 * MAX_STATEMENT_BYTES;

const signature = strictObject({
  authority: z.string().min(1).max(64),
  scheme: z.string().min(1).max(32),
  signature: z.string().min(1).max(MAX_SIGNATURE_TEXT),
});

const envelope = strictObject({
  payload: z
    .string()
    .min(1)
    .max(
      Math.ceil(MAX_PAYLOAD_BYTES / 3) * 4,
      `the payload has more than ${String(MAX_PAYLOAD_BYTES)} bytes`,
    ),
  signatures: z.array(signature).max(MAX_SIGNATURES, `more than ${String(MAX_SIGNATURES)} signatures`),
});

/** A statement within its bounds. Throws MALFORMED_STATEMENT. No signature is looked at, and there may be none yet. */
export function parseEnvelope(value: unknown): Envelope {
  const parsed = envelope.safeParse(value);
  if (!parsed.success) {
    throw new ChanceryError(
      'MALFORMED_STATEMENT',
      `the statement is malformed: ${issueSentence(parsed.error)}`,
      {
        hint: 'a statement is {"payload": "<base64>", "signatures": [{"authority", "scheme", "signature"}]}',
      },
    );
  }
  const size = Buffer.byteLength(JSON.stringify(parsed.data));
  if (size > MAX_STATEMENT_BYTES) {
    throw new ChanceryError(
      'MALFORMED_STATEMENT',
      `the statement has ${String(size)} bytes with its signatures, at most ${String(MAX_STATEMENT_BYTES)} are allowed`,
      { hint: 'leave out signatures that the quorum does not need' },
    );
  }
  return parsed.data;
}

/** A statement file: the same as JSON bytes, white space allowed. Throws MALFORMED_STATEMENT. */
export function parseEnvelopeText(bytes: Uint8Array): Envelope {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new ChanceryError('MALFORMED_STATEMENT', `the statement file has ${String(bytes.length)} bytes`);
  }
  try {
    return parseEnvelope(parseStrictJson(bytes));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ChanceryError('MALFORMED_STATEMENT', `the statement file is ${error.message}`, {
      cause: error,
    });
  }
}

/** The signed bytes. Throws MALFORMED_STATEMENT unless the payload is canonical base64 of at most 32 KiB. */
export function payloadBytes(envelope: Envelope): Uint8Array {
  const bytes = decodeBase64(envelope.payload);
  if (bytes === null) {
    throw new ChanceryError('MALFORMED_STATEMENT', 'the payload is not canonical base64', {
      hint: 'encode the payload file with `base64 -w0`',
    });
  }
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    throw new ChanceryError(
      'MALFORMED_STATEMENT',
      `the payload has ${String(bytes.length)} bytes, at most ${String(MAX_PAYLOAD_BYTES)} are allowed`,
    );
  }
  return bytes;
}
