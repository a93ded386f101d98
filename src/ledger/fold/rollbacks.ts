import { z } from 'zod';
import type { StatementBody } from '../entries.js';
import type { RollbackRecord } from '../state.js';

export const savedRollbacks = z.strictObject({
  newest: z.strictObject({ sequence: z.int(), time: z.int() }).nullable(),
  voided: z.array(z.string()),
});
export type SavedRollbacks = z.infer<typeof savedRollbacks>;

/** Accepted rollbacks: the newest, and which checkpoints of the history that was given up are known as void. */
export class Rollbacks {
  #newest: RollbackRecord | null = null;
  readonly #voided = new Set<string>();

  static restore(saved: SavedRollbacks): Rollbacks {
    const rollbacks = new Rollbacks();
    rollbacks.#newest = saved.newest;
    for (const name of saved.voided) rollbacks.#voided.add(name);
    return rollbacks;
  }

  save(): SavedRollbacks {
    return { newest: this.#newest === null ? null : { ...this.#newest }, voided: [...this.#voided] };
  }

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
