import { timeFormatter, type Clock } from '../../core/clock.js';
import { ChanceryError } from '../../core/errors.js';
import { systemCode, type FileLock, type Files } from '../../core/files.js';
import type { EntryBody } from '../entries.js';
import { entryOf } from '../entry-of.js';
import { encodeEntry, entryFits, MAX_ENTRY_BYTES, lineBytes } from '../entry-text.js';
import { bodyFault } from '../fold/body-fault.js';
import type { Fold } from '../fold/fold.js';
import type { Decision, Ledger, Receipt, Written } from '../ledger.js';
import type { State } from '../state.js';
import { admits, reserveBytes } from './admission.js';
import type { Batch } from './batch.js';
import { getBlob, putBlob } from './blobs.js';
import { CommitQueue } from './commit-queue.js';
import type { LedgerEvent } from './events.js';
import type { Segments } from './segments.js';

export interface FileLedgerParts {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly report: (event: LedgerEvent) => void;
  readonly appended: (entries: readonly EntryBody[], written: readonly Written[]) => void;
  readonly fold: Fold;
  readonly segments: Segments;
  readonly lock: FileLock;
}

const RETRY_SPARE_MS = 1000;
/** A write that takes longer has met a disk that does not answer, and not one that is slow. */
const STALLED_MS = 5000;
const TOO_LONG = `it is longer than ${String(MAX_ENTRY_BYTES)} bytes`;

/** The ledger of one directory, whose lock it holds. */
export class FileLedger implements Ledger {
  readonly #parts: FileLedgerParts;
  readonly #queue: CommitQueue;
  #unavailable: string | null = null;
  #closed = false;
  #triedSpare = 0;
  /** Since the disk has been full. */
  #refusedForRoom = false;
  /** Many entries share a millisecond. */
  readonly #format = timeFormatter();

  constructor(parts: FileLedgerParts) {
    this.#parts = parts;
    this.#queue = new CommitQueue(parts.segments, parts.clock, (error) => this.#latch(error));
  }

  get origin(): string {
    return this.#parts.fold.origin;
  }

  get state(): State {
    return this.#parts.fold;
  }

  get unavailable(): string | null {
    return this.#unavailable;
  }

  get stalled(): string | null {
    const ms = this.#queue.unansweredFor;
    if (this.#unavailable !== null || ms < STALLED_MS) return null;
    return `the disk has not answered a write for ${String(Math.floor(ms / 1000))} s`;
  }

  get full(): string | null {
    return this.#parts.segments.shortage;
  }

  get reserved(): boolean {
    const { segments } = this.#parts;
    if (segments.shortage === null) return false;
    return this.#refusedForRoom || this.#queue.room <= reserveBytes(segments.bytes);
  }

  makeRoom(): void {
    const { segments, clock } = this.#parts;
    if (segments.shortage === null) this.#refusedForRoom = false;
    if (segments.shortage === null || this.#unavailable !== null) return;
    if (clock.boot() - this.#triedSpare < RETRY_SPARE_MS) return;
    this.#triedSpare = clock.boot();
    segments.prepareSpare();
  }

  async transact<Result>(decide: (state: State, now: number) => Decision<Result>): Promise<Receipt<Result>> {
    if (this.#unavailable !== null) throw unavailable(this.#unavailable);
    const { fold, clock } = this.#parts;
    const now = Math.max(clock.wall(), fold.time);
    const { entries, result } = decide(fold, now);
    if (entries.length === 0) return { result, written: [] };
    this.#refuseUnfit(entries);
    this.#refuseWithoutRoom(entries);
    const written: Written[] = [];
    let last: Batch | null = null;
    for (const body of entries) {
      const appended = this.#append(body, now);
      written.push(appended.written);
      last = appended.batch;
    }
    await last?.durable();
    this.#parts.appended(entries, written);
    return { result, written };
  }

  /** What must never be in a ledger is refused before anything is written, and harms nobody else. */
  #refuseUnfit(entries: readonly EntryBody[]): void {
    const outcomes = new Set<string>();
    for (const body of entries) {
      // A single entry is measured when it is encoded, before it is added.
      if (entries.length > 1 && !entryFits(body)) throw unfit(body, TOO_LONG);
      const fault = bodyFault(this.#parts.fold, body);
      if (fault !== null) throw unfit(body, fault);
      if (body.type !== 'signature' && body.type !== 'failure' && body.type !== 'recovered') continue;
      if (outcomes.has(body.authorization)) {
        throw new ChanceryError('INTERNAL', `authorization ${body.authorization} would have two outcomes`);
      }
      outcomes.add(body.authorization);
    }
  }

  #refuseWithoutRoom(entries: readonly EntryBody[]): void {
    const { segments, report } = this.#parts;
    this.makeRoom();
    if (segments.shortage === null) return;
    if (admits(entries, this.#queue.room, segments.bytes)) return;
    this.#refusedForRoom = true;
    report({ type: 'full', reason: segments.shortage });
    throw new ChanceryError(
      'LEDGER_UNAVAILABLE',
      `what is left of the ledger is kept for outcomes and freezes: ${segments.shortage}`,
      { hint: 'free space on the disk of the ledger: signing goes on by itself' },
    );
  }

  #append(body: EntryBody, now: number): { written: Written; batch: Batch } {
    const { fold } = this.#parts;
    const sequence = fold.size;
    const head = { sequence: String(sequence), previous: fold.head, time: this.#format(now) };
    const { previous, time } = head;
    // Its size is needed to know its batch, and its batch is part of it: the longer form decides.
    const joining = this.#queue.joinable(0);
    let entry = entryOf(
      body,
      joining === null ? head : { sequence: head.sequence, previous, time, batch: String(joining.first) },
    );
    let text = encodeEntry(entry);
    let size = Buffer.byteLength(text);
    if (size > MAX_ENTRY_BYTES) throw unfit(body, TOO_LONG);
    let batch = joining === null ? null : this.#queue.joinable(lineBytes(size));
    if (batch === null) {
      if (joining !== null) {
        entry = entryOf(body, head);
        text = encodeEntry(entry);
        size = Buffer.byteLength(text);
      }
      batch = this.#queue.begin(sequence, lineBytes(size), now);
    }
    const hash = this.#queue.add(batch, text, size);
    try {
      fold.apply({ entry, hash, sequence, time: now, batch: batch.first, bytes: lineBytes(size) });
    } catch (error) {
      // State and file have parted: nothing more may be decided on this state.
      this.#queue.break(error);
      throw error;
    }
    return { written: { sequence, hash }, batch };
  }

  #latch(error: unknown): ChanceryError {
    const why = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
    this.#unavailable ??= `writing the ledger failed (${why})`;
    this.#parts.report({ type: 'unavailable', reason: this.#unavailable, error });
    return unavailable(this.#unavailable, error);
  }

  durable(): Promise<void> {
    return this.#queue.durable();
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const { files, directory } = this.#parts;
    try {
      return await putBlob(files, directory, bytes);
    } catch (cause) {
      const code = systemCode(cause) ?? String(cause);
      throw new ChanceryError('LEDGER_UNAVAILABLE', `a blob of the ledger cannot be stored (${code})`, {
        cause,
        hint: 'nothing was brought into force: find out why the disk failed, then submit again',
      });
    }
  }

  getBlob(sha256: string): Promise<Uint8Array | null> {
    return getBlob(this.#parts.files, this.#parts.directory, sha256);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const healthy = this.#unavailable === null;
    this.#unavailable ??= 'the ledger is closed';
    await this.#queue.idle();
    try {
      await this.#parts.segments.close(healthy && this.#queue.healthy);
    } finally {
      await this.#parts.lock.release();
    }
  }
}

function unfit(body: EntryBody, why: string): ChanceryError {
  return new ChanceryError('INTERNAL', `a ${body.type} entry is not acceptable: ${why}`);
}

function unavailable(reason: string, cause?: unknown): ChanceryError {
  return new ChanceryError('LEDGER_UNAVAILABLE', reason, {
    cause,
    hint: 'find out why the disk failed, then restart the daemon: it checks the whole ledger before it signs',
  });
}
