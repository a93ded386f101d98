import type { StatementBody } from '../entries.js';
import type { RollbackRecord } from '../state.js';

/** Accepted rollbacks: the newest, and which checkpoints of the history that was given up are known as void. */
export class Rollbacks {
  #newest: RollbackRecord | null = null;
  readonly #voided = new Set<string>();

  get newest(): RollbackRecord | null {
    return this.#newest;
  }

  add({ voided = [] }: StatementBody, sequence: number, time: number): void {
    this.#newest = { sequence, time };
    for (const { size, root } of voided) this.#voided.add(`${size} ${root}`);
  }

  voids(size: number, root: string): boolean {
    return this.#voided.has(`${String(size)} ${root}`);
  }
}
