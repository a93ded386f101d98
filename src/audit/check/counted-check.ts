import { hash } from 'node:crypto';
import type { AuthorizationBody } from '../../ledger/entries.js';
import { problem, type Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import type { Check } from './check.js';

/** A repeat of the same bytes counts nothing, for as long as the original is remembered. */
const REPEATS_MS = 10 * 60_000;
const REMEMBERED_PER_KEY = 100_000;

interface Original {
  readonly subject: string;
  readonly sequence: number;
  readonly time: number;
}

/**
 * What each authorization counted: its transaction and its fee, or nothing when it repeats the bytes of an
 * earlier one of the same key, workload and purpose that did count.
 */
export class CountedCheck implements Check {
  readonly #originals = new Map<string, Map<number, Original>>();

  see(step: Step, report: (problem: Problem) => void): void {
    const { entry } = step;
    if (entry.type !== 'authorization') return;
    const why =
      entry.repeats === undefined ? countFault(entry) : this.#repeatFault(step, entry, entry.repeats);
    if (why !== null) report(problem('counted', why));
    if (entry.repeats === undefined) this.#remember(step, entry);
  }

  #repeatFault(step: Step, entry: AuthorizationBody, repeats: string): string | null {
    if (entry.counted.length > 0) return 'a repeat counted something';
    const original = this.#originals.get(entry.publicKey)?.get(Number(repeats));
    if (original === undefined) return `it repeats ${repeats}, which is no authorization remembered then`;
    if (original.subject !== subjectOf(entry)) return `it repeats ${repeats}, which was for other bytes`;
    if (step.time - original.time > REPEATS_MS) return `it repeats ${repeats}, which was forgotten by then`;
    return null;
  }

  #remember(step: Step, entry: AuthorizationBody): void {
    let originals = this.#originals.get(entry.publicKey);
    if (originals === undefined)
      this.#originals.set(entry.publicKey, (originals = new Map<number, Original>()));
    originals.set(step.sequence, { subject: subjectOf(entry), sequence: step.sequence, time: step.time });
    for (const [sequence, original] of originals) {
      if (originals.size <= REMEMBERED_PER_KEY && step.time - original.time <= REPEATS_MS) break;
      originals.delete(sequence);
    }
  }
}

function countFault({ counted, fee }: AuthorizationBody): string | null {
  const units = new Set(counted.map(({ unit }) => unit));
  if (units.size !== counted.length) return 'a unit is counted twice';
  const amount = (unit: string): bigint => BigInt(counted.find((count) => count.unit === unit)?.amount ?? 0);
  if (amount('transactions') !== 1n) return 'the transaction is not counted as one';
  if (amount('fee') !== BigInt(fee)) return `the fee is ${fee}, ${String(amount('fee'))} is counted`;
  if (amount('SOL') < BigInt(fee)) return 'the fee is not counted in SOL';
  return null;
}

function subjectOf({ workload, purpose, message }: AuthorizationBody): string {
  return hash('sha256', `${purpose}\n${workload}\n${message}`, 'base64');
}
