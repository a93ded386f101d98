import { hash } from 'node:crypto';
import type { AuthorizationBody } from '../../ledger/entries.js';
import { problem, type Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import { Originals } from './originals.js';

/**
 * What each authorization counted: its transaction and its fee, or nothing when it repeats the bytes of an
 * earlier one of the same key, workload and purpose that did count.
 */
export class CountedCheck {
  readonly #originals = new Originals();

  see(step: Step, report: (problem: Problem) => void): void {
    const { entry } = step;
    if (entry.type !== 'authorization') return;
    const subject = subjectOf(entry);
    const why =
      entry.repeats === undefined
        ? countFault(entry)
        : this.#repeatFault(step, entry, entry.repeats, subject);
    if (why !== null) report(problem('counted', why));
    if (entry.repeats === undefined) this.#remember(step, entry.publicKey, subject);
  }

  #remember({ sequence, time }: Step, publicKey: string, subject: string): void {
    this.#originals.remember(publicKey, subject, { sequence, time });
  }

  #repeatFault(step: Step, entry: AuthorizationBody, repeats: string, subject: string): string | null {
    if (entry.counted.length > 0) return 'a repeat counted something';
    const original = this.#originals.find(entry.publicKey, subject, step.time);
    return String(original?.sequence) === repeats
      ? null
      : `it repeats ${repeats}, which is no authorization of the same bytes remembered then`;
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
