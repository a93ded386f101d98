import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatTime } from '../../../src/core/clock.js';
import type { Entry, EntryBody } from '../../../src/ledger/entries.js';
import { encodeEntry, entryHash } from '../../../src/ledger/entry-text.js';
import { Fold } from '../../../src/ledger/fold/fold.js';
import { readSnapshot, snapshotText } from '../../../src/ledger/snapshot/snapshot-text.js';
import * as bodies from '../../support/ledger-bodies.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const BY = { uid: 0, pid: 1 };

/** What to append, given how far the ledger is. */
type Act = (fold: Fold, serial: number) => EntryBody | null;

const outcome: Act = (fold) => {
  const open = fold.open()[0];
  return open === undefined ? null : bodies.signature(open);
};
const thaw: Act = (fold, serial) => {
  const freeze = fold.freezes()[0]?.hash;
  const { id, statement } = bodies.attestation({ number: serial });
  return freeze === undefined ? null : { type: 'unfreeze', freeze, id, statement };
};
const attest: Act = (fold, serial) => {
  const { size, root } = fold.challenge();
  const scope = { uses: 2, programs: ['system'], limits: [{ asset: 'SOL', perTransaction: '7' }] };
  const issuedAt = Math.max(fold.time, START);
  const rest = serial % 2 === 0 ? { ledger: { size, root } } : { scope, possession: bodies.OTHER_KEY };
  return bodies.attestation({ number: serial, issuedAt, expiresAt: issuedAt + 3_600_000, rest });
};
const pay =
  (account: string, message: number): Act =>
  () =>
    bodies.authorization({
      message: Buffer.from(`message ${String(message)}`).toString('base64'),
      attestation: bodies.statementId(3),
      effects: [{ debits: [{ asset: 'SOL', amount: '5', reason: 'transfer', destination: account }] }],
    });
const part = { token: 'main', label: 'x', publicKey: bodies.KEY } as const;

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('bob', 'carol', 'dave'), fc.integer({ min: 0, max: 5 }))
      .map(([a, m]) => pay(a, m)),
  },
  { weight: 3, arbitrary: fc.constant(outcome) },
  { weight: 2, arbitrary: fc.constant(attest) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Act>(
      thaw,
      () => bodies.freeze(bodies.KEY),
      () => bodies.freeze(),
      (_fold, serial) => bodies.policy(serial),
      (_fold, serial) => ({
        type: 'revocation',
        attestation: bodies.statementId(serial - 2),
        reason: 'lost',
        by: BY,
      }),
      () => ({ type: 'revocation', workload: bodies.WORKLOAD, reason: 'stopped', by: BY }),
      () => ({ type: 'denial', workload: bodies.WORKLOAD, codes: ['KEY_FROZEN'], count: 1, uid: 1000 }),
      () => ({ type: 'key', action: 'latch', ...part }),
      () => ({ type: 'key', action: 'retire', ...part }),
      () => ({ type: 'tick' }),
      (_fold, serial) => ({
        ...bodies.attestation({ number: serial }),
        kind: 'accept-rollback',
        voided: [{ size: '7', root: 'AAAA' }],
      }),
    ),
  },
);
const waits = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3_600_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 * 86_400_000 }) },
);

function append(folds: readonly Fold[], body: EntryBody, after: number): void {
  const [first] = folds;
  if (first === undefined) return;
  const time = Math.max(START, first.time) + after;
  const sequence = first.size;
  const entry: Entry = { ...body, sequence: String(sequence), previous: first.head, time: formatTime(time) };
  const text = encodeEntry(entry);
  const line = { entry, hash: entryHash(text), sequence, time, batch: sequence, bytes: text.length };
  for (const fold of folds) fold.apply(line);
}

it('I4: a fold that goes on from a snapshot is the fold of all entries, at each entry after it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(acts, waits), { minLength: 10, maxLength: 80 }),
      fc.integer({ min: 0, max: 60 }),
      (steps, cut) => {
        const whole = new Fold();
        append([whole], bodies.genesis(), 0);
        append([whole], bodies.policy(), 0);
        let folds = [whole];
        for (const [index, [act, wait]] of steps.entries()) {
          if (index === cut) {
            const restored = readSnapshot(snapshotText(whole));
            expect(restored).not.toBeNull();
            folds = [whole, restored!];
          }
          const body = act(whole, 10 + index);
          if (body !== null) append(folds, body, wait);
          const [, again] = folds;
          if (again !== undefined) expect(snapshotText(again).equals(snapshotText(whole))).toBe(true);
        }
        const [, again] = folds;
        if (again === undefined) return;
        const now = whole.time + 1000;
        expect(again.root()).toBe(whole.root());
        expect(again.challenge()).toEqual(whole.challenge());
        expect(again.allAttestations(now)).toEqual(whole.allAttestations(now));
        expect(again.attestations(bodies.WORKLOAD, bodies.KEY, now)).toEqual(
          whole.attestations(bodies.WORKLOAD, bodies.KEY, now),
        );
        expect(again.spent(bodies.KEY, 'SOL', '24h', now)).toBe(whole.spent(bodies.KEY, 'SOL', '24h', now));
        expect(again.frozen(bodies.KEY)).toEqual(whole.frozen(bodies.KEY));
      },
    ),
    { numRuns: 60 },
  );
});
