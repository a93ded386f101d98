import { formatTime } from '../../src/core/clock.js';
import type { Entry, EntryBody } from '../../src/ledger/entries.js';
import { encodeEntry, entryHash } from '../../src/ledger/entry-text.js';
import { Fold } from '../../src/ledger/fold/fold.js';
import { authorizationBody } from '../../src/signing/records.js';
import type { Caller } from '../../src/signing/caller.js';
import type { Question, Verdict } from '../../src/policy/verdict.js';
import * as bodies from './ledger-bodies.js';
import { AGENT, addressOf } from './policy-text.js';

/** The ledger's real fold, fed with the entries that a daemon would write. */
export class FoldedState {
  readonly fold = new Fold();

  /** An attestation for a year to each of the workloads. */
  constructor(start: number, workloads: readonly string[] = [AGENT]) {
    this.append(bodies.genesis(), start);
    this.append(bodies.policy(), start);
    const keys = [{ id: 'trading-1', publicKey: addressOf('trading-1') }];
    const expiresAt = start + 365 * 86_400_000;
    for (const [index, workload] of workloads.entries()) {
      this.append(
        bodies.attestation({ number: 2 + index, workload, keys, issuedAt: start, expiresAt }),
        start,
      );
    }
  }

  /** `as`: another message with the same effects, at another time. */
  authorize(
    question: Question,
    verdict: Verdict & { decision: 'allow' },
    as: { readonly message?: string; readonly time?: number } = {},
  ): void {
    const { policy, assessment, key, workload, entryTime } = question;
    const peer = { pid: 1, uid: 1001, gid: 1001, exe: '/opt/trader/bin/trader' };
    const caller: Caller = {
      workload,
      policy: policy.sha256,
      peer,
      possessed: new Set(),
      check: () => null,
      alive: () => null,
    };
    const body = authorizationBody('request-1', policy, key, caller, assessment, verdict);
    this.append(
      { ...body, ...(as.message === undefined ? {} : { message: as.message }) },
      as.time ?? entryTime,
    );
  }

  append(body: EntryBody, time: number): void {
    const sequence = this.fold.size;
    const head = { sequence: String(sequence), previous: this.fold.head, time: formatTime(time) };
    const entry: Entry = { ...body, ...head };
    const text = encodeEntry(entry);
    const hash = entryHash(text);
    this.fold.apply({ entry, hash, sequence, time, batch: sequence, bytes: text.length });
  }
}
