import { encodeBase64 } from '../core/base64.js';
import type { WireCode } from '../core/errors.js';
import type { DenialBody } from '../ledger/entries.js';
import type { Ledger } from '../ledger/ledger.js';

const INTERVAL_MS = 60_000;

export interface Refused {
  readonly workload: string;
  readonly uid: number;
  /** Key id; only when the policy has it, so that a caller cannot invent names. */
  readonly key?: string;
  readonly codes: readonly WireCode[];
  /** The message bytes, when the transaction could be read. */
  readonly message?: Uint8Array;
}

interface Interval {
  readonly since: number;
  readonly body: Omit<DenialBody, 'count' | 'message'>;
  more: number;
}

/**
 * Refusals of identified workloads, bounded: the first of its kind (workload, uid, key, codes) in a minute is an entry
 * with its message, the rest of that minute is one entry with a count. A flood thus writes two entries a minute
 * for each of finitely many kinds, and cannot fill the disk. A crash may lose one interval's count; no limit
 * depends on it.
 */
export class Denials {
  readonly #ledger: Ledger;
  readonly #open = new Map<string, Interval>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** What the ledger has to hold of a refusal: for the step in which it was decided. `now` in wall milliseconds. */
  due(refused: Refused, now: number): readonly DenialBody[] {
    const codes = [...new Set(refused.codes)].sort();
    const kind = [refused.workload, refused.uid, refused.key ?? '', ...codes].join(' ');
    const open = this.#open.get(kind);
    if (open !== undefined && now - open.since < INTERVAL_MS) {
      open.more += 1;
      return [];
    }
    const body = {
      type: 'denial' as const,
      ...(refused.key === undefined ? {} : { key: refused.key }),
      workload: refused.workload,
      uid: refused.uid,
      codes,
    };
    this.#open.set(kind, { since: now, body, more: 0 });
    const first: DenialBody = {
      ...body,
      ...(refused.message === undefined ? {} : { message: encodeBase64(refused.message) }),
      count: 1,
    };
    return open === undefined ? [first] : [...rest(open), first];
  }

  /** The same for what was refused before anything was decided. Resolves when it is durable. */
  async record(refused: Refused, now: number): Promise<void> {
    const bodies = this.due(refused, now);
    if (bodies.length > 0) await this.#append(bodies);
  }

  /** Writes the counts of intervals that are over at `now` (all of them when it is Infinity). */
  async flush(now: number): Promise<void> {
    const bodies: DenialBody[] = [];
    for (const [kind, interval] of this.#open) {
      if (now - interval.since < INTERVAL_MS) continue;
      this.#open.delete(kind);
      bodies.push(...rest(interval));
    }
    if (bodies.length > 0) await this.#append(bodies);
  }

  async #append(entries: readonly DenialBody[]): Promise<void> {
    await this.#ledger.transact(() => ({ entries, result: undefined }));
  }
}

function rest(interval: Interval): DenialBody[] {
  return interval.more === 0 ? [] : [{ ...interval.body, count: interval.more }];
}
