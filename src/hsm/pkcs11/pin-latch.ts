import { randomBytes, scryptSync } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ChanceryError } from '../../core/errors.js';
import { systemCode } from '../../core/files.js';
import type { Secret } from '../../core/secret.js';
import { sha256Hex } from '../../core/sha256.js';
import type { TokenIdentity } from '../token-options.js';
import { syncDirectory, writeDurably } from './durable-file.js';

/**
 * Remembers, across restarts, a PIN that a token refused, so that it is never tried again: three tries lock most
 * tokens for good, and a service that restarts every few seconds needs less than a minute for that.
 *
 * Written before each login and removed after a good one: a host that dies inside C_Login leaves `unknown`, which
 * counts as refused. The PIN is kept as a salted scrypt hash, in a file only its owner reads, and only while it is
 * refused or in doubt; it is compared by content, because a credential's file is new at each start of a service.
 */
export class PinLatch {
  readonly #directory: string;
  readonly #path: string;
  /** The record as this process found or left it. */
  #known: string | null = null;

  /** For the token of which this tells all: some makers give every one of theirs the same serial. */
  constructor(directory: string, { manufacturer, model, serial, label }: TokenIdentity) {
    this.#directory = directory;
    // These are the token's texts: their hash is a safe file name.
    const token = Buffer.from(JSON.stringify([manufacturer, model, serial, label]), 'utf8');
    this.#path = join(directory, `pin-${sha256Hex(token).slice(0, 16)}.json`);
  }

  /** Whether a login began and has not ended: it is under way, or its process died. */
  get begun(): boolean {
    return this.#read()?.attempts.some(({ state }) => state === 'unknown') ?? false;
  }

  /**
   * Throws PIN_REFUSED when this PIN was refused before, or when a login with it did not come to an end and
   * `doubtful` is not allowed: it is for a PIN that was accepted before, or a token that counts visibly.
   */
  check(pin: Secret, doubtful: 'allowed' | 'refused'): void {
    this.#known = this.#text();
    const record = this.#parse(this.#known);
    if (record === null) return;
    const attempt = record.attempts.find((one) => one.hash === hashPin(pin, record.salt));
    if (attempt === undefined) {
      if (record.attempts.length < MAX_REFUSED) return;
      throw new ChanceryError('PIN_REFUSED', 'the token refused too many PINs; no other is tried', {
        hint: `check the token's PIN by hand, then delete ${this.#path}`,
      });
    }
    if (attempt.state === 'unknown' && doubtful === 'allowed') return;
    const message =
      attempt.state === 'refused'
        ? `the token refused this PIN before (${attempt.reason})`
        : 'an earlier login with this PIN did not end, so the token may have refused it';
    throw new ChanceryError('PIN_REFUSED', `${message}; it is not tried again`, {
      hint: `correct the PIN file; if you know that the PIN is right, delete ${this.#path}`,
    });
  }

  /**
   * Call between `check` and C_Login; the attempt is durable when it returns true. False, and nothing is recorded, when
   * another process has begun or ended a login since `check`: both would try a wrong PIN, and three tries lock most
   * tokens.
   */
  attempt(pin: Secret): boolean {
    const record = this.#with(pin, 'unknown', 'login did not end');
    if (this.#text() !== this.#known) return false;
    return this.#write(record, this.#known === null ? linkSync : renameSync);
  }

  /** `reason`: the name of the CK_RV. */
  refuse(pin: Secret, reason: string): void {
    this.#write(this.#with(pin, 'refused', reason));
  }

  /** The login failed for a reason that is not the PIN, which therefore cost no try. */
  forget(pin: Secret): void {
    const record = this.#read();
    if (record === null) return;
    const hash = hashPin(pin, record.salt);
    const attempts = record.attempts.filter((one) => one.hash !== hash);
    if (attempts.length === 0) this.clear();
    else this.#write({ salt: record.salt, attempts });
  }

  /** The PIN was accepted: the token has forgotten the wrong ones, and so may we. */
  clear(): void {
    rmSync(this.#path, { force: true });
    this.#known = null;
  }

  #with(pin: Secret, state: Attempt['state'], reason: string): LatchRecord {
    const record = this.#read() ?? { salt: randomBytes(16).toString('hex'), attempts: [] };
    const hash = hashPin(pin, record.salt);
    const others = record.attempts.filter((one) => one.hash !== hash);
    return { salt: record.salt, attempts: [...others, { hash, state, reason }] };
  }

  #text(): string | null {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw unusable(this.#path, error);
    }
  }

  #read(): LatchRecord | null {
    return this.#parse(this.#text());
  }

  #parse(text: string | null): LatchRecord | null {
    try {
      return text === null ? null : recordSchema.parse(JSON.parse(text));
    } catch (error) {
      throw unusable(this.#path, error);
    }
  }

  /** `place`: by a link it fails when there is a record already; then false. */
  #write(record: LatchRecord, place: (from: string, to: string) => void = renameSync): boolean {
    const temporary = `${this.#path}.${String(process.pid)}`;
    const text = JSON.stringify(record);
    try {
      rmSync(temporary, { force: true });
      writeDurably(temporary, text);
      place(temporary, this.#path);
      rmSync(temporary, { force: true });
      syncDirectory(this.#directory);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw unusable(this.#path, error);
      rmSync(temporary, { force: true });
      return false;
    }
    this.#known = text;
    return true;
  }
}

const MAX_REFUSED = 8;

const recordSchema = z.strictObject({
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  attempts: z
    .array(
      z.strictObject({
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        state: z.enum(['unknown', 'refused']),
        reason: z.string().max(200),
      }),
    )
    .max(MAX_REFUSED),
});
type LatchRecord = z.infer<typeof recordSchema>;
type Attempt = LatchRecord['attempts'][number];

function hashPin(pin: Secret, salt: string): string {
  return scryptSync(pin.reveal(), Buffer.from(salt, 'hex'), 32, { N: 16384, r: 8, p: 1 }).toString('hex');
}

/** Without the memory of refused PINs no login is safe. */
function unusable(path: string, cause: unknown): ChanceryError {
  return new ChanceryError('FILE_UNREADABLE', `the record of refused PINs ${path} cannot be used`, {
    cause,
    hint: 'its directory must exist and be writable; delete the file only when the PIN is surely right',
  });
}
