import { canonicalJson, type JsonValue } from '../../core/canonical-json.js';
import type { Failure } from '../../core/errors.js';
import type { AuthorizationBody, Counted, DenialBody } from '../../ledger/entries.js';
import type { Count } from '../../policy/verdict.js';
import type { Step } from '../read/walk.js';
import type { Judged } from './judge-again.js';

/** One decision that comes out differently now. */
export interface Difference {
  readonly sequence: number;
  readonly time: string;
  readonly key: string;
  readonly workload: string;
  readonly was: 'allow' | 'deny';
  readonly now: 'allow' | 'deny';
  /** What differs, one sentence each. */
  readonly reasons: readonly string[];
}

export interface ReplayReport {
  readonly authorizations: number;
  readonly denials: number;
  /** Denials without a message or key, or for what no ledger holds: counts of a flood, refusals before the policy. */
  readonly unjudged: number;
  readonly same: number;
  readonly different: number;
  /** Of the different ones: what was authorized and is refused now, and the other way round. */
  readonly refused: number;
  readonly allowed: number;
  /** The first thousand. */
  readonly differences: readonly Difference[];
  /** Of authorizations that are refused now, by rule (or code where there is none), key and workload. */
  readonly refusedBy: Readonly<Record<'rule' | 'key' | 'workload', Readonly<Record<string, number>>>>;
}

const KEPT = 1000;

/** Counts and compares. */
export class ReplayTally {
  #authorizations = 0;
  #denials = 0;
  #unjudged = 0;
  #different = 0;
  #refused = 0;
  #allowed = 0;
  readonly #differences: Difference[] = [];
  readonly #refusedBy = {
    rule: new Map<string, number>(),
    key: new Map<string, number>(),
    workload: new Map<string, number>(),
  };

  unjudged(entry: DenialBody): void {
    this.#unjudged += entry.count;
  }

  /** `exact`: counts and effects must be the same too, as they are when the policy is. */
  authorization(step: Step, entry: AuthorizationBody, judged: Judged, exact: boolean): void {
    this.#authorizations += 1;
    if (judged.decision === 'deny') {
      for (const rule of new Set(judged.failures.map(ruleOf))) increment(this.#refusedBy.rule, rule);
      increment(this.#refusedBy.key, entry.key);
      increment(this.#refusedBy.workload, entry.workload);
      this.#differs(step, entry.key, entry.workload, 'allow', 'deny', judged.failures.map(sentence));
      return;
    }
    const reasons = exact
      ? [
          ...countDifferences(entry, judged.verdict.counted, judged.verdict.repeats, judged.fee),
          ...effectDifferences(entry, judged.effects()),
        ]
      : [];
    if (reasons.length > 0) this.#differs(step, entry.key, entry.workload, 'allow', 'allow', reasons);
  }

  /** `judged`: null when it was refused with the codes it would be refused with now. */
  denial(step: Step, entry: DenialBody, judged: Judged | null): void {
    this.#denials += 1;
    if (judged === null) return;
    const key = entry.key ?? '';
    if (judged.decision === 'allow') {
      this.#differs(step, key, entry.workload, 'deny', 'allow', [
        `it was refused with ${entry.codes.join(' ')}`,
      ]);
      return;
    }
    const reason = `it was refused with ${entry.codes.join(' ')}, now with ${codesOf(judged.failures).join(' ')}`;
    this.#differs(step, key, entry.workload, 'deny', 'deny', [reason]);
  }

  #differs(
    step: Step,
    key: string,
    workload: string,
    was: Difference['was'],
    now: Difference['now'],
    reasons: readonly string[],
  ): void {
    this.#different += 1;
    if (was === 'allow' && now === 'deny') this.#refused += 1;
    if (was === 'deny' && now === 'allow') this.#allowed += 1;
    if (this.#differences.length >= KEPT) return;
    const { sequence, entry } = step;
    this.#differences.push({ sequence, time: entry.time, key, workload, was, now, reasons });
  }

  report(): ReplayReport {
    const judged = this.#authorizations + this.#denials;
    return {
      authorizations: this.#authorizations,
      denials: this.#denials,
      unjudged: this.#unjudged,
      same: judged - this.#different,
      different: this.#different,
      refused: this.#refused,
      allowed: this.#allowed,
      differences: this.#differences,
      refusedBy: {
        rule: Object.fromEntries(this.#refusedBy.rule),
        key: Object.fromEntries(this.#refusedBy.key),
        workload: Object.fromEntries(this.#refusedBy.workload),
      },
    };
  }
}

/** Whether it is refused with the very codes that the entry holds. */
export function refusedAlike({ codes }: DenialBody, judged: Judged): boolean {
  return judged.decision === 'deny' && codesOf(judged.failures).join(' ') === codes.toSorted().join(' ');
}

function codesOf(failures: readonly Failure[]): readonly string[] {
  return [...new Set<string>(failures.map(({ code }) => code))].sort();
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function ruleOf({ code, rule }: Failure): string {
  return rule === undefined ? code : `${code} ${rule}`;
}

function sentence({ code, message }: Failure): string {
  return `${code}: ${message}`;
}

function countDifferences(
  entry: AuthorizationBody,
  counted: readonly Count[],
  repeats: number | null,
  fee: bigint,
): string[] {
  const reasons: string[] = [];
  const was = countsText(entry.counted);
  const now = countsText(counted.map(({ unit, amount }) => ({ unit, amount: amount.toString() })));
  if (was !== now) reasons.push(`it counted ${was}, now ${now}`);
  if ((entry.repeats ?? 'nothing') !== String(repeats ?? 'nothing')) {
    reasons.push(`it repeated ${entry.repeats ?? 'nothing'}, now ${String(repeats ?? 'nothing')}`);
  }
  if (entry.fee !== fee.toString()) reasons.push(`its fee bound was ${entry.fee}, now ${fee.toString()}`);
  return reasons;
}

/** What a limit of a destination counts, and what people are shown of a transaction. */
function effectDifferences({ effects }: AuthorizationBody, now: readonly JsonValue[]): string[] {
  return canonicalJson(effects) === canonicalJson(now) ? [] : ['its effects are not those of its message'];
}

function countsText(counted: readonly Counted[]): string {
  const parts = counted.map(({ unit, amount }) => `${unit} ${amount}`).sort();
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
