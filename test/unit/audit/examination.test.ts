import { describe, expect, it } from 'vitest';
import { ledgerNoteKey, pinnedLedger } from '../../../src/audit/check/ledger-key.js';
import { checkpointOf } from '../../support/audit/checkpoint.js';
import { begun, found, reportOf, running } from '../../support/audit/found.js';
import { attestation, authorization, LEDGER_KEY, ORIGIN, STRANGER } from '../../support/audit/history.js';

describe('the own checkpoint', () => {
  it('is met at every size from the first entry on', async () => {
    const ledger = begun();
    for (const size of [1, 2]) {
      const report = await reportOf(ledger, { checkpoint: checkpointOf(ledger.lines.slice(0, size)) });
      expect(report).toMatchObject({ damages: [], checkpoints: { given: 1, met: 1 } });
    }
    const { damages } = await reportOf(ledger, { checkpoint: checkpointOf(ledger.lines.slice(1)) });
    expect(damages).toMatchObject([{ kind: 'checkpoint', sequence: 0 }]);
  });

  it('vouches for something', async () => {
    const { damages } = await reportOf(begun(), { checkpoint: checkpointOf([]) });
    expect(damages).toMatchObject([
      { kind: 'checkpoint', message: 'checkpoint vouches for an empty ledger' },
    ]);
  });

  it('is of this ledger', async () => {
    const ledger = begun();
    const other = 'chancery.local/other/0123456789abcdef';
    const { damages } = await reportOf(ledger, { checkpoint: checkpointOf(ledger.lines, other) });
    expect(damages).toMatchObject([
      { kind: 'checkpoint', message: 'checkpoint does not hold: no known key signed it' },
    ]);
  });
});

it('of many damages the first hundred are kept and all are counted', async () => {
  const ledger = begun();
  for (let n = 0; n < 250; n++) ledger.add({ type: 'recovered', authorization: '1' });
  const { damages, damageCount } = await reportOf(ledger);
  expect(damageCount).toBe(250);
  expect(damages.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, n) => n + 2));
});

it('only hashes leaves authority and counts out, and no statement', async () => {
  const ledger = running();
  ledger.add(attestation(ledger.time, {}, STRANGER));
  ledger.add(authorization('ff', 0, 1000n, { counted: [] }));
  const { damages } = await reportOf(ledger, { onlyHashes: true });
  expect(damages).toMatchObject([{ kind: 'statement', sequence: 3 }]);
  expect(await found(ledger)).toHaveLength(3);
});

it('of several attestations each entitles by itself', async () => {
  const ledger = running();
  const warrants = [1, 2, 3].map((n) => attestation(ledger.time + n));
  for (const warrant of warrants) ledger.add(warrant);
  for (const [nonce, { id }] of warrants.entries()) ledger.add(authorization(id, nonce));
  expect(await found(ledger)).toEqual([]);
});

it('of a snapshot that no more is taken than stands before it', async () => {
  const ledger = begun();
  for (const size of ['2', '4']) ledger.add({ type: 'snapshot', sha256: 'ab'.repeat(32), size });
  expect(await found(ledger)).toEqual(['schema 3: a snapshot of 4 entries, and fewer stand before it']);
});

describe('whose a ledger without its start is', () => {
  const file = (text: string) => ({ source: 'checkpoint', beside: false, bytes: Buffer.from(text) });
  const pin = (origin: string | null, publicKey = LEDGER_KEY.address) => ({ publicKey, origin });
  const claims = [file('nonsense'), file(`${ORIGIN}\n5\n`)];

  it('the pinned key says, when a checkpoint claims to be its', () => {
    const ledger = { origin: ORIGIN, publicKey: LEDGER_KEY.address };
    for (const pins of [[pin(null)], [pin(ORIGIN)], [pin(null, STRANGER.address), pin(null)]]) {
      expect(pinnedLedger(pins, claims)).toMatchObject(ledger);
    }
  });

  it('nobody says when none does', () => {
    expect(pinnedLedger([pin(null, STRANGER.address)], claims)).toBeNull();
    expect(pinnedLedger([pin('chancery.local/other/0123456789abcdef')], claims)).toBeNull();
    expect(pinnedLedger([pin(null, 'nonsense')], claims)).toBeNull();
    expect(pinnedLedger([pin(null)], [file('nonsense')])).toBeNull();
    expect(pinnedLedger([], claims)).toBeNull();
  });

  it('no key says that is unsound', () => {
    expect(ledgerNoteKey(ORIGIN, LEDGER_KEY.address)).not.toBeNull();
    // 32 zero bytes: a point of small order.
    expect(ledgerNoteKey(ORIGIN, '1'.repeat(32))).toBeNull();
    expect(ledgerNoteKey(ORIGIN, 'nonsense')).toBeNull();
  });
});
