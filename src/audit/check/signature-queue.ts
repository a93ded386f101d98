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
  readonly #report: (damage: Damage) => void;
  #failure: { readonly error: unknown } | null = null;
  #tasks: SignatureTask[] = [];
  #places: Step[] = [];
  #checked = 0;

  constructor(verifier: SignatureVerifier, report: (damage: Damage) => void) {
    this.#verifier = verifier;
    this.#report = report;
  }

  get checked(): number {
    return this.#checked;
  }

  add(step: Step, authorization: AuthorizationBody, signature: string): void {
    this.#tasks.push({ publicKey: authorization.publicKey, message: authorization.message, signature });
    this.#places.push(step);
    if (this.#tasks.length >= BATCH) this.#dispatch();
  }

  /** Waits until there is room for more. Throws what stopped the verifier. */
  async room(): Promise<void> {
    while (this.#waiting.size >= MAX_WAITING) await Promise.race(this.#waiting);
    this.#check();
  }

  /** Waits for every answer. Throws what stopped the verifier. */
  async drain(): Promise<void> {
    this.#dispatch();
    await Promise.all(this.#waiting);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #dispatch(): void {
    if (this.#tasks.length === 0) return;
    const places = this.#places;
    const answered = this.#verifier
      .verify(this.#tasks)
      .then(
        (bad) => {
          this.#checked += places.length;
          for (const index of bad) this.#reportAt(places[index]);
        },
        (error: unknown) => {
          this.#failure ??= { error };
        },
      )
      .finally(() => this.#waiting.delete(answered));
    this.#waiting.add(answered);
    this.#tasks = [];
    this.#places = [];
  }

  #reportAt(step: Step | undefined): void {
    if (step === undefined) return;
    const { sequence, file, offset } = step;
    const message = 'the signature does not verify over the message that was authorized';
    this.#report({ kind: 'signature', sequence, file, offset, message });
  }
}
