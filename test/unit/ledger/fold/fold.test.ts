import { describe, expect, it } from 'vitest';
import { formatTime } from '../../../../src/core/clock.js';
import { sha256Hex } from '../../../../src/core/sha256.js';
import type { Entry, EntryBody } from '../../../../src/ledger/entries.js';
import { encodeEntry, entryHash } from '../../../../src/ledger/entry-text.js';
import { bodyFault } from '../../../../src/ledger/fold/body-fault.js';
import { Fold } from '../../../../src/ledger/fold/fold.js';
import {
  attestation,
  authorization,
  freeze,
  genesis,
  KEY,
  OTHER_KEY,
  policy,
  signature,
  statementId,
  WORKLOAD,
} from '../../../support/ledger-bodies.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

/** A fold with genesis and policy, and a way to add entries at a time in milliseconds after START. */
function folded(): { fold: Fold; add: (body: EntryBody, after?: number) => string } {
  const fold = new Fold();
  const add = (body: EntryBody, after = fold.time - START): string => {
    const sequence = fold.size;
    const time = START + after;
    const head = { sequence: String(sequence), previous: fold.head, time: formatTime(time) };
    const entry: Entry = { ...body, ...head };
    const text = encodeEntry(entry);
    const hash = entryHash(text);
    fold.apply({ entry, hash, sequence, time, batch: sequence, bytes: text.length });
    return hash;
  };
  add(genesis(), 0);
  add(policy(), 0);
  return { fold, add };
}

describe('spend', () => {
  it('I3: failure and recovered give nothing back', () => {
    const { fold, add } = folded();
    add(attestation());
    add(authorization());
    add({ type: 'failure', authorization: '3', code: 'HSM_UNAVAILABLE' });
    add(authorization());
    add({ type: 'recovered', authorization: '5' });
    expect(fold.spent(KEY, 'SOL', '24h', fold.time)).toBe(10n);
    expect(fold.spent(KEY, 'transactions', '1m', fold.time)).toBe(2n);
    expect(fold.attestation(statementId(2))?.used).toBe(2);
    expect(fold.open()).toEqual([]);
  });

  it('I4: is kept per public key and unit, through a new policy', () => {
    const { fold, add } = folded();
    add(authorization());
    add(policy(2));
    expect(fold.spent(KEY, 'SOL', '30d', fold.time)).toBe(5n);
    expect(fold.spent(OTHER_KEY, 'SOL', '30d', fold.time)).toBe(0n);
    expect(fold.spent(KEY, 'USDC', '30d', fold.time)).toBe(0n);
    expect(fold.drainsTo(KEY, 'USDC', '1h', 0n, fold.time)).toBe(fold.time);
    expect(fold.drainsTo(KEY, 'USDC', '1h', -1n, fold.time)).toBeNull();
    expect(fold.policy?.serial).toBe(2);
  });

  it('stays exact beyond what a double can hold', () => {
    const { fold, add } = folded();
    const amount = '18446744073709551615';
    for (let n = 0; n < 3; n++) add(authorization({ counted: [{ unit: 'TOKEN', amount }] }));
    expect(fold.spent(KEY, 'TOKEN', '1h', fold.time)).toBe(3n * BigInt(amount));
  });
});

describe('repeats', () => {
  const hash = sha256Hex(Buffer.from('message'));
  const find = (fold: Fold, now: number, workload = WORKLOAD, purpose = 'transaction', key = KEY) =>
    fold.repeats(key, workload, purpose, hash, now);

  it('are remembered for ten minutes, for the same key, workload, purpose and bytes only', () => {
    const { fold, add } = folded();
    add(authorization());
    expect(find(fold, START + 10 * MINUTE)).toBe(2);
    expect(find(fold, START + 10 * MINUTE + 1)).toBeNull();
    expect(find(fold, START, 'spiffe://test/other')).toBeNull();
    expect(find(fold, START, WORKLOAD, 'vote')).toBeNull();
    expect(find(fold, START, WORKLOAD, 'transaction', OTHER_KEY)).toBeNull();
    expect(fold.repeats(KEY, WORKLOAD, 'transaction', sha256Hex(Buffer.from('other')), START)).toBeNull();
  });

  it('count nothing, use nothing, and do not prolong the memory of the original', () => {
    const { fold, add } = folded();
    add(attestation());
    add(authorization());
    add(authorization({ repeats: '3', counted: [] }), 9 * MINUTE);
    expect(fold.attestation(statementId(2))?.used).toBe(1);
    expect(find(fold, START + 10 * MINUTE + 1)).toBeNull();
    expect(fold.open()).toEqual([3, 4]);
  });

  it('forget the oldest beyond 100,000 a key', () => {
    const { fold, add } = folded();
    add(authorization());
    const message = (n: number) => Buffer.from(`message ${String(n)}`);
    for (let n = 0; n < 99_999; n++)
      add(authorization({ message: message(n).toString('base64'), counted: [] }));
    expect(find(fold, START)).toBe(2);
    add(authorization({ message: message(99_999).toString('base64'), counted: [] }));
    expect(find(fold, START)).toBeNull();
    expect(fold.repeats(KEY, WORKLOAD, 'transaction', sha256Hex(message(0)), START)).toBe(3);
  });

  it('remember anew what was counted again after ten minutes', () => {
    const { fold, add } = folded();
    add(authorization());
    add(authorization(), 11 * MINUTE);
    add(authorization({ message: 'AAAA' }), 11 * MINUTE);
    expect(find(fold, START + 12 * MINUTE)).toBe(3);
  });
});

describe('attestations', () => {
  it('open the keys they name to their workload until they expire, newest first', () => {
    const { fold, add } = folded();
    add(attestation({ number: 2 }));
    add(
      attestation({
        number: 3,
        keys: [
          { id: 'a', publicKey: KEY },
          { id: 'b', publicKey: OTHER_KEY },
        ],
      }),
    );
    const ids = (key: string, now: number) => fold.attestations(WORKLOAD, key, now).map(({ id }) => id);
    expect(ids(KEY, START)).toEqual([statementId(3), statementId(2)]);
    expect(ids(OTHER_KEY, START)).toEqual([statementId(3)]);
    expect(ids(KEY, START + 60 * MINUTE - 1)).toHaveLength(2);
    expect(ids(KEY, START + 60 * MINUTE)).toEqual([]);
    expect(fold.attestations('spiffe://test/other', KEY, START)).toEqual([]);
    expect(fold.statementUsed(statementId(3))).toBe(true);
    expect(fold.statementUsed(statementId(4))).toBe(false);
  });

  it('I8: are void once revoked by id, also when the statement comes after the revocation', () => {
    const { fold, add } = folded();
    add(attestation({ number: 2 }));
    const by = { uid: 0, pid: 1 };
    add({ type: 'revocation', attestation: statementId(2), reason: 'leaked', by });
    expect(fold.attestations(WORKLOAD, KEY, START)).toEqual([]);
    expect(fold.attestation(statementId(2))?.revoked).toBe('leaked');
    add({ type: 'revocation', attestation: statementId(3), reason: 'early', by });
    expect(fold.statementUsed(statementId(3))).toBe(true);
    add(attestation({ number: 3 }));
    expect(fold.attestations(WORKLOAD, KEY, START)).toEqual([]);
  });

  it('I8: are void once their workload is revoked, if issued until then, whatever their issuedAt says', () => {
    const { fold, add } = folded();
    add(attestation({ number: 2, issuedAt: START + MINUTE }));
    const by = { uid: 0, pid: 1 };
    add({ type: 'revocation', workload: WORKLOAD, reason: 'compromised', by }, 30_000);
    add(attestation({ number: 3, issuedAt: START + 30_000 }));
    expect(fold.attestations(WORKLOAD, KEY, START + 2 * MINUTE)).toEqual([]);
    expect(fold.workloadRevoked(WORKLOAD, START + 30_000)).toBe(true);
    expect(fold.workloadRevoked(WORKLOAD, START + 30_001)).toBe(false);
    add(attestation({ number: 4, issuedAt: START + 30_001 }));
    expect(fold.allAttestations(START + 2 * MINUTE).map(({ id }) => id)).toEqual([statementId(4)]);
  });

  it('keep their narrowing, and refuse one that is not known', () => {
    const { fold, add } = folded();
    const scope = { limits: [{ asset: 'SOL', perTransaction: '7' }], uses: 2, message: 'ab'.repeat(32) };
    add(attestation({ rest: { scope, possession: OTHER_KEY } }));
    expect(fold.attestation(statementId(2))).toMatchObject({ scope, possession: OTHER_KEY });
    expect(bodyFault(fold, attestation({ number: 3, rest: { scope: { hours: 'none' } } }))).toMatch(
      /cannot be read/,
    );
  });

  it('are forgotten a day after they expired', () => {
    const { fold, add } = folded();
    add(attestation({ number: 2 }));
    add(attestation({ number: 3 }), 26 * 60 * MINUTE);
    expect(fold.attestation(statementId(2))).toBeNull();
    expect(fold.statementUsed(statementId(2))).toBe(false);
    expect(fold.statementUsed(statementId(1))).toBe(true);
  });
});

describe('challenges', () => {
  it('are remembered with root and time, at most ten seconds behind', () => {
    const { fold, add } = folded();
    expect(fold.challenge().size).toBe(1);
    add({ type: 'tick' }, 1000);
    const ticked = fold.challenge();
    expect(ticked).toEqual({ size: 3, root: fold.root(), time: START + 1000 });
    add(authorization(), 2000);
    expect(fold.challenge()).toEqual(ticked);
    expect(fold.rootAt(4)).toEqual({ root: fold.root(), time: START + 2000 });
    add(authorization(), 10_000);
    expect(fold.challenge().size).toBe(5);
    expect(fold.rootAt(3)).toEqual(ticked);
    expect(fold.rootAt(4)).toBeNull();
    expect(fold.rootAt(99)).toBeNull();
  });

  it('count for an attestation only when the root is the one of this ledger', () => {
    const { fold, add } = folded();
    add({ type: 'tick' }, 1000);
    const { size, root } = fold.challenge();
    add(attestation({ number: 2, rest: { ledger: { size, root } } }), 5000);
    expect(fold.attestation(statementId(2))?.challenge).toEqual({ size, root, time: START + 1000 });
    add(attestation({ number: 3, rest: { ledger: { size, root: 'A'.repeat(43) + '=' } } }));
    expect(fold.attestation(statementId(3))?.challenge).toBeUndefined();
  });

  it('survive a week of entries', () => {
    const { fold, add } = folded();
    for (let n = 1; n <= 60_000; n++) add({ type: 'tick' }, n * 10_000);
    expect(fold.rootAt(100)?.time).toBe(START + 98 * 10_000);
    for (let n = 60_001; n <= 70_000; n++) add({ type: 'tick' }, n * 10_000);
    expect(fold.rootAt(100)).toBeNull();
    expect(fold.rootAt(5000)?.time).toBe(START + 4998 * 10_000);
  });
});

describe('freezes', () => {
  it('hold by public key or for all, each until lifted by its own hash', () => {
    const { fold, add } = folded();
    const one = add(freeze(KEY));
    const two = add(freeze(KEY));
    expect(fold.frozen(KEY)?.hash).toBe(one);
    expect(fold.frozen(OTHER_KEY)).toBeNull();
    const { statement } = attestation({ number: 9 });
    add({ type: 'unfreeze', freeze: one, id: statementId(9), statement });
    expect(fold.frozen(KEY)?.hash).toBe(two);
    add({ type: 'unfreeze', freeze: two, id: statementId(9), statement });
    expect(fold.frozen(KEY)).toBeNull();
    add(freeze());
    expect(fold.frozen(OTHER_KEY)?.publicKey).toBeNull();
    expect(fold.freezes()).toHaveLength(1);
  });

  it('without a public key hold for every key, also when they name one', () => {
    const { fold, add } = folded();
    add({ type: 'freeze', key: 'trading-1', reason: 'test', by: null });
    expect(fold.frozen(OTHER_KEY)).not.toBeNull();
  });
});

describe('keys', () => {
  it('are retired and latched for good', () => {
    const { fold, add } = folded();
    const parts = { type: 'key', token: 'main', label: 'trading-1', publicKey: KEY } as const;
    add({ ...parts, action: 'retire' });
    add({ ...parts, action: 'latch' });
    expect([fold.retired(KEY), fold.latched(KEY), fold.retired(OTHER_KEY), fold.latched(OTHER_KEY)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('bodyFault', () => {
  it('I3: allows each authorization exactly one outcome', () => {
    const { fold, add } = folded();
    add(authorization());
    expect(bodyFault(fold, signature(2))).toBeNull();
    add(signature(2));
    expect(bodyFault(fold, signature(2))).toMatch(/not waiting/);
    expect(bodyFault(fold, { type: 'failure', authorization: '2', code: 'x' })).toMatch(/not waiting/);
    expect(bodyFault(fold, signature(99))).toMatch(/not waiting/);
    expect(bodyFault(fold, { type: 'recovered', authorization: '02' })).toMatch(/not waiting/);
  });

  it('refuses what the fold could not read', () => {
    const { fold } = folded();
    expect(bodyFault(fold, genesis())).toMatch(/first/);
    expect(bodyFault(fold, { ...policy(), statement: { payload: 'e30=', signatures: [] } })).toMatch(/id/);
    for (const amount of ['-1', '1.5', '01', '', '1e3']) {
      expect(bodyFault(fold, authorization({ counted: [{ unit: 'SOL', amount }] }))).toMatch(/decimal/);
    }
  });
});
