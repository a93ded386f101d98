import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.js';
import { ChanceryError } from '../../core/errors.js';
import type { Files } from '../../core/files.js';
import type { Ledger } from '../ledger.js';
import { signCheckpoint } from '../note/checkpoint.js';
import type { NoteKey } from '../note/key.js';
import {
  CHECKPOINT_FILE,
  readOwnCheckpoint,
  writeNoteFile,
  type SignedCheckpoint,
} from './signed-checkpoint.js';

/** Checkpoints that callers ask for are at least this far apart, in milliseconds: each costs a signature. */
const SPACING_MS = 1000;

export interface CheckpointerParts {
  readonly ledger: Ledger;
  readonly files: Files;
  /** Of the ledger. */
  readonly directory: string;
  readonly clock: Clock;
  /** The ledger key that genesis names. */
  readonly key: NoteKey;
  /** Has the ledger key sign exactly these bytes; what it returns is verified here. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
  /** Why no checkpoint may be signed now; null when one may. Asked again just before the signature. */
  readonly refuses: () => ChanceryError | null;
  /** Called when a signature of the ledger key did not verify. */
  readonly faulty: () => Promise<void>;
  /** Called with each new checkpoint once it is durable beside the ledger, and when its head was taken (wall, ms). */
  readonly published: (checkpoint: SignedCheckpoint, taken: number) => void;
}

/**
 * Signs heads of the ledger. A head is taken from the fold and signed only when every entry under it is durable:
 * no crash can take back what a checkpoint vouches for, and so no two checkpoints can contradict each other. A
 * checkpoint leaves this process only after `ledger/checkpoint` holds it durably: whoever has seen one finds the
 * ledger refusing to open with fewer entries.
 */
export class Checkpointer {
  readonly #parts: CheckpointerParts;
  #newest: SignedCheckpoint | null;
  #trouble: ChanceryError | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;
  #running: Promise<SignedCheckpoint> | null = null;
  #next: Promise<SignedCheckpoint> | null = null;

  private constructor(parts: CheckpointerParts, newest: SignedCheckpoint | null) {
    this.#parts = parts;
    this.#newest = newest;
  }

  /** Takes up the checkpoint beside the ledger, which the ledger has checked against its entries when it opened. */
  static async resume(parts: CheckpointerParts): Promise<Checkpointer> {
    return new Checkpointer(parts, await readOwnCheckpoint(parts.files, parts.directory, parts.key));
  }

  get newest(): SignedCheckpoint | null {
    return this.#newest;
  }

  /** Why the last attempt failed; null when it did not. */
  get trouble(): ChanceryError | null {
    return this.#trouble;
  }

  /** Whether entries follow the newest checkpoint. An idle ledger is never behind. */
  get behind(): boolean {
    return this.#parts.ledger.state.size > (this.#newest?.size ?? 0);
  }

  /**
   * A checkpoint over everything that was appended before the call. Callers that come while one is being made
   * share the next one. Throws HSM_UNAVAILABLE, LEDGER_UNAVAILABLE, KEY_FROZEN, and what `sign` throws.
   */
  make(): Promise<SignedCheckpoint> {
    if (this.#running === null) {
      const run = this.#make().finally(() => {
        if (this.#running === run) this.#running = null;
      });
      this.#running = run;
      return run;
    }
    if (this.#next === null) {
      const current = this.#running.then(ignore, ignore);
      this.#next = current.then(() => {
        this.#next = null;
        return this.make();
      });
    }
    return this.#next;
  }

  /** A checkpoint that covers the entry: the newest, or one made for the caller, one a second for all of them. */
  async covering(sequence: number): Promise<SignedCheckpoint> {
    if (this.#newest !== null && this.#newest.size > sequence) return this.#newest;
    const { size } = this.#parts.ledger.state;
    if (sequence >= size) {
      throw new ChanceryError(
        'MALFORMED_REQUEST',
        `the ledger has ${String(size)} entries, none with this sequence`,
        {
          hint: 'the reply to signTransaction names the sequence of its entry',
        },
      );
    }
    const wait = this.#lastAt + SPACING_MS - this.#parts.clock.boot();
    if (wait > 0) await sleep(wait);
    if (this.#newest !== null && this.#newest.size > sequence) return this.#newest;
    return await this.make();
  }

  async #make(): Promise<SignedCheckpoint> {
    this.#lastAt = this.#parts.clock.boot();
    try {
      const checkpoint = await this.#sign();
      this.#trouble = null;
      return checkpoint;
    } catch (error) {
      this.#trouble =
        error instanceof ChanceryError
          ? error
          : new ChanceryError('LEDGER_UNAVAILABLE', 'the checkpoint cannot be written', { cause: error });
      throw this.#trouble;
    }
  }

  async #sign(): Promise<SignedCheckpoint> {
    const { ledger, files, directory, clock, key, sign, refuses, faulty, published } = this.#parts;
    const refused = refuses();
    if (refused !== null) throw refused;
    const taken = clock.wall();
    const { size } = ledger.state;
    const root = ledger.state.root();
    if (size === this.#newest?.size) return this.#newest;
    await ledger.durable();
    let note: string;
    try {
      note = await signCheckpoint(
        { origin: ledger.origin, size, root: Buffer.from(root, 'base64') },
        key,
        sign,
      );
    } catch (error) {
      if (error instanceof ChanceryError && error.code === 'SIGNATURE_WRONG') await faulty();
      throw error;
    }
    await writeNoteFile(files, directory, CHECKPOINT_FILE, note);
    this.#newest = { size, root, note };
    published(this.#newest, taken);
    return this.#newest;
  }
}

function ignore(): void {
  // The next caller hears of its own attempt.
}
