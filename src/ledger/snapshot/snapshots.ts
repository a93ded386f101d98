import type { Files } from '../../core/files.js';
import { appendOne, type Ledger } from '../ledger.js';
import { listSegments } from '../store/list-segments.js';
import { pruneSnapshots, type SnapshotId } from './snapshot-files.js';

/** The newest and the one before, should the newest not be covered by a checkpoint yet. */
const KEPT = 2;

/** What takes as long as reading the ledger: the daemon has it done by another thread. */
export interface SnapshotWork {
  /** `makeSnapshot` of the ledger's directory. */
  make(size: number, base: SnapshotId | null): Promise<SnapshotId>;
  /** `snapshotFault` of the ledger's directory. */
  fault(id: SnapshotId): Promise<string | null>;
}

export interface SnapshotsParts {
  readonly ledger: Ledger;
  readonly files: Files;
  readonly directory: string;
  readonly work: SnapshotWork;
  /** The snapshot that the ledger was opened from; null when every entry was folded. */
  readonly opened: SnapshotId | null;
}

/** Snapshots of the fold, one where each segment begins, made from the files and never from the fold in use. */
export class Snapshots {
  readonly #parts: SnapshotsParts;
  /** To go on from; its bytes are read again by its hash. */
  #base: SnapshotId | null;
  #unconfirmed: boolean;
  #fault: string | null = null;

  constructor(parts: SnapshotsParts) {
    this.#parts = parts;
    this.#base = parts.opened;
    this.#unconfirmed = parts.opened !== null;
  }

  /** Whether the start rested on a snapshot that nothing was held against yet. */
  get unconfirmed(): boolean {
    return this.#unconfirmed;
  }

  /**
   * One step, to be taken now and then, never two at once. The first after a start from a snapshot folds the
   * whole ledger again; when that does not give the snapshot, every key is frozen in the ledger, and nothing is
   * made any more. Each later one makes the snapshot of all full segments, unless there is one, and an entry that
   * names it. Rejects with LEDGER_DAMAGED, LEDGER_UNAVAILABLE or the system's error; the next step tries again.
   */
  async step(): Promise<'confirmed' | 'made' | 'nothing' | 'frozen'> {
    if (this.#fault !== null) return 'nothing';
    if (this.#unconfirmed) return this.#confirm();
    return this.#make();
  }

  async #confirm(): Promise<'confirmed' | 'frozen'> {
    const { ledger, work } = this.#parts;
    const fault = this.#base === null ? null : await work.fault(this.#base);
    if (fault !== null) {
      const reason = `LEDGER_DAMAGED: ${fault}`;
      await appendOne(ledger, () => ({ type: 'freeze', reason, by: null }));
      this.#fault = fault;
      return 'frozen';
    }
    this.#unconfirmed = false;
    return 'confirmed';
  }

  async #make(): Promise<'made' | 'nothing'> {
    const { ledger, files, directory, work } = this.#parts;
    const size = (await listSegments(files, directory)).at(-1)?.first ?? 0;
    if (size <= (this.#base?.size ?? 0)) return 'nothing';
    const id = await work.make(size, this.#base);
    await appendOne(ledger, () => ({ type: 'snapshot', sha256: id.sha256, size: String(size) }));
    this.#base = id;
    await pruneSnapshots(files, directory, KEPT);
    return 'made';
  }
}
