import { randomBytes, scryptSync } from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ChanceryError } from '../../core/errors.js';
import type { Secret } from '../../core/secret.js';
import { sha256Hex } from '../../core/sha256.js';
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

  constructor(directory: string, serial: string) {
    this.#directory = directory;
    // A serial is the token's text: its hash is a safe file name.
    this.#path = join(directory, `pin-${sha256Hex(Buffer.from(serial, 'utf8')).slice(0, 16)}.json`);
  }

  /**
   * Throws PIN_REFUSED when this PIN was refused before, or when a login with it did not come to an end and
   * `doubtful` is not allowed: it is for a PIN that was accepted before, or a token that counts visibly.
   */
  check(pin: Secret, doubtful: 'allowed' | 'refused'): void {
    const record = this.#read();
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

  /** Call before C_Login; durable when it returns. */
  attempt(pin: Secret): void {
    this.#add(pin, 'unknown', 'login did not end');
  }

  /** `reason`: the name of the CK_RV. */
  refuse(pin: Secret, reason: string): void {
    this.#add(pin, 'refused', reason);
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
  }

  #add(pin: Secret, state: Attempt['state'], reason: string): void {
    const record = this.#read() ?? { salt: randomBytes(16).toString('hex'), attempts: [] };
    const hash = hashPin(pin, record.salt);
    const others = record.attempts.filter((one) => one.hash !== hash);
    this.#write({ salt: record.salt, attempts: [...others, { hash, state, reason }] });
  }

  #read(): LatchRecord | null {
    try {
      return recordSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw unusable(this.#path, error);
    }
  }

  #write(record: LatchRecord): void {
    const temporary = `${this.#path}.${String(process.pid)}`;
    try {
      rmSync(temporary, { force: true });
      writeDurably(temporary, JSON.stringify(record));
      renameSync(temporary, this.#path);
      syncDirectory(this.#directory);
    } catch (error) {
      throw unusable(this.#path, error);
    }
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
