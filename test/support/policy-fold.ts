import { encodeBase64 } from '../../src/core/base64.js';
import { formatTime } from '../../src/core/clock.js';
import type { Entry, EntryBody } from '../../src/ledger/entries.js';
import { encodeEntry, entryHash } from '../../src/ledger/entry-text.js';
import { Fold } from '../../src/ledger/fold/fold.js';
import type { Question, Verdict } from '../../src/policy/verdict.js';
import * as bodies from './ledger-bodies.js';
import { AGENT, addressOf } from './policy-text.js';

/** The ledger's real fold, fed with the entries that a daemon would write. */
export class FoldedState {
  readonly fold = new Fold();

  constructor(start: number) {
    this.#append(bodies.genesis(), start);
    this.#append(bodies.policy(), start);
    const keys = [{ id: 'trading-1', publicKey: addressOf('trading-1') }];
    const year = 365 * 86_400_000;
    this.#append(
      bodies.attestation({ workload: AGENT, keys, issuedAt: start, expiresAt: start + year }),
      start,
    );
  }

  authorize(question: Question, verdict: Verdict & { decision: 'allow' }): void {
    const { assessment, key, workload, now } = question;
    const body = bodies.authorization({
      publicKey: key.address,
      message: encodeBase64(assessment.message.bytes),
      workload,
      attestation: verdict.attestation,
      counted: verdict.counted.map(({ unit, amount }) => ({ unit, amount: amount.toString() })),
      ...(verdict.repeats === null ? {} : { repeats: String(verdict.repeats) }),
    });
    this.#append(body, now);
  }

  #append(body: EntryBody, time: number): void {
    const sequence = this.fold.size;
    const head = { sequence: String(sequence), previous: this.fold.head, time: formatTime(time) };
    const entry: Entry = { ...body, ...head };
    const text = encodeEntry(entry);
    const hash = entryHash(text);
    this.fold.apply({ entry, hash, sequence, time, batch: sequence, bytes: text.length });
  }
}
