import { Worker } from 'node:worker_threads';
import { ChanceryError } from '../core/errors.js';
import type { SnapshotId } from '../ledger/snapshot/snapshot-files.js';
import type { SnapshotWork } from '../ledger/snapshot/snapshots.js';
import type { SnapshotAnswer, SnapshotTask } from './snapshot-task.js';

/** Folds beside the thread of requests. One thread a task: its memory, as large as a second state, goes with it. */
export class SnapshotThread implements SnapshotWork {
  readonly #place: { readonly directory: string; readonly archives: readonly string[] };
  #worker: { readonly thread: Worker; readonly loaded: Promise<void> } | null = null;
  #stopped = false;

  constructor(directory: string, archives: readonly string[] = []) {
    this.#place = { directory, archives };
  }

  async make(size: number, base: SnapshotId | null): Promise<SnapshotId> {
    const answer = await this.#run({ make: size, base, ...this.#place });
    if ('made' in answer) return answer.made;
    throw new ChanceryError('INTERNAL', 'the snapshot thread answered another question');
  }

  async fault(id: SnapshotId): Promise<string | null> {
    const answer = await this.#run({ check: id, ...this.#place });
    if ('fault' in answer) return answer.fault;
    throw new ChanceryError('INTERNAL', 'the snapshot thread answered another question');
  }

  #run(task: SnapshotTask): Promise<SnapshotAnswer> {
    // A step that was under way at the stop would begin now, and the stop would wait while it folds a whole ledger.
    if (this.#stopped) return Promise.reject(new ChanceryError('ABORTED', 'the snapshot thread was stopped'));
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./snapshot-worker.js', import.meta.url), { workerData: task });
      const loaded = new Promise<void>((done) => {
        worker.once('message', () => {
          done();
        });
        worker.once('exit', () => {
          done();
        });
      });
      this.#worker = { thread: worker, loaded };
      worker.on('message', (answer: SnapshotAnswer | 'loaded') => {
        if (answer !== 'loaded') resolve(answer);
      });
      worker.on('error', reject);
      // After an answer this changes nothing; without one, nobody must wait for ever.
      worker.on('exit', (code) => {
        // It may end after the next one began.
        if (this.#worker?.thread === worker) this.#worker = null;
        reject(new ChanceryError('INTERNAL', `the snapshot thread ended with ${String(code)}`));
      });
    });
  }

  /**
   * For good. Whatever it does can be done again. Not before it has loaded: to terminate a thread while a native
   * module is initialised aborts the whole process (napi_throw).
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    const worker = this.#worker;
    await worker?.loaded;
    await worker?.thread.terminate();
  }
}
