import type { AuthorizationBody } from '../../ledger/entries.js';
import type { Damage } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import type { SignatureTask, SignatureVerifier } from './signature-verifier.js';

const BATCH = 256;
/** Batches handed out and not yet answered: bounds memory when reading is faster than verifying. */
const MAX_WAITING = 16;

/** Collects signatures into batches for a verifier and remembers where the bad ones stand. */
export class SignatureQueue {
  readonly #verifier: SignatureVerifier;
  readonly #waiting = new Set<Promise<void>>();
  readonly #damages: Damage[] = [];
  #tasks: SignatureTask[] = [];
  #places: Step[] = [];
  #checked = 0;

  constructor(verifier: SignatureVerifier) {
    this.#verifier = verifier;
  }

  get checked(): number {
    return this.#checked;
  }

  add(step: Step, authorization: AuthorizationBody, signature: string): void {
    this.#tasks.push({ publicKey: authorization.publicKey, message: authorization.message, signature });
    this.#places.push(step);
    if (this.#tasks.length >= BATCH) this.#dispatch();
  }

  /** Waits until there is room for more. */
  async room(): Promise<void> {
    while (this.#waiting.size >= MAX_WAITING) await Promise.race(this.#waiting);
  }

  /** Waits for every answer. */
  async drain(): Promise<readonly Damage[]> {
    this.#dispatch();
    await Promise.all(this.#waiting);
    return this.#damages;
  }

  #dispatch(): void {
    if (this.#tasks.length === 0) return;
    const places = this.#places;
    const answered = this.#verifier.verify(this.#tasks).then((bad) => {
      this.#checked += places.length;
      for (const index of bad) this.#report(places[index]);
      this.#waiting.delete(answered);
    });
    this.#waiting.add(answered);
    this.#tasks = [];
    this.#places = [];
  }

  #report(step: Step | undefined): void {
    if (step === undefined) return;
    const { sequence, file, offset } = step;
    const message = 'the signature does not verify over the message that was authorized';
    this.#damages.push({ kind: 'signature', sequence, file, offset, message });
  }
}
