import { Worker } from 'node:worker_threads';
import { ChanceryError } from '../../core/errors.js';
import type { SignatureTask, SignatureVerifier } from './signature-verifier.js';

interface Waiting {
  readonly resolve: (bad: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread and the batches it has not answered yet: it answers in order. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #dead: ChanceryError | null = null;

  constructor() {
    this.#worker = new Worker(new URL('./signature-worker.js', import.meta.url));
    this.#worker.on('message', (bad: readonly number[]) => this.#waiting.shift()?.resolve(bad));
    this.#worker.on('error', (cause) => {
      this.#die(cause);
    });
    this.#worker.on('exit', (code) => {
      this.#die(new Error(`exit code ${String(code)}`));
    });
  }

  /** Nothing may wait for an answer that cannot come: unanswered would look like verified. */
  #die(cause: unknown): void {
    this.#dead ??= new ChanceryError('INTERNAL', 'a verifying thread died', { cause });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#dead);
  }

  get load(): number {
    return this.#waiting.length;
  }

  verify(tasks: readonly SignatureTask[]): Promise<readonly number[]> {
    if (this.#dead !== null) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(tasks);
    });
  }

  /**
   * Lets it end by itself, after the few batches it may have: a thread that is terminated while it loads a native
   * module takes the whole process down (napi_throw), and a short ledger is verified before its threads have loaded.
   */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#dead !== null) resolve();
      this.#worker.once('exit', () => {
        resolve();
      });
      this.#worker.postMessage(null);
    });
  }
}

/** Spreads batches over `count` threads: Ed25519 is nine tenths of the work of a verification. */
export function threadedVerifier(count: number): SignatureVerifier {
  const threads = Array.from({ length: count }, () => new Thread());
  const idlest = (): Thread | undefined =>
    threads.reduce<Thread | undefined>(
      (best, thread) => (best === undefined || thread.load < best.load ? thread : best),
      undefined,
    );
  return {
    verify: (tasks) => {
      const thread = idlest();
      return thread === undefined
        ? Promise.reject(new ChanceryError('INTERNAL', 'there is no thread to verify on'))
        : thread.verify(tasks);
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
