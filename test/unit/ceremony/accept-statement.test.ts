import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  acceptStatement,
  type Acceptance,
  type Accepted,
  type PendingRollback,
} from '../../../src/ceremony/accept-statement.js';
import { formatTime } from '../../../src/core/clock.js';
import type { EntryBody, Envelope } from '../../../src/ledger/entries.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import type { Kind } from '../../../src/sovereign/kinds/registry.js';
import { genesis, ORIGIN, policy as policyEntry, statementId } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import { MemoryDisk } from '../../support/ledger-disk.js';
import {
  addressOf,
  AGENT,
  ledgerKeyText,
  OTHER_AGENT,
  policyBytes,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { rejected } from '../../support/rejected.js';
import { envelopeOf, SshAuthority } from '../../support/ssh-authority.js';

const MINUTE = 60_000;
let alice: SshAuthority;
let ledger: Ledger;
let clock: StillClock;
let inForce: Policy;

beforeAll(() => {
  alice = new SshAuthority('alice');
});
afterAll(() => {
  alice.remove();
});

type Fields = { readonly [field: string]: Yaml };

function policyOf(serial: number, key: Fields = {}, signer = ORIGIN, rest: Fields = {}): Policy {
  const names = ['attestation', 'approval', 'policy', 'unfreeze', 'key', 'accept-rollback', 'watermark'];
  const threshold = Object.fromEntries(names.map((name) => [name, 1]));
  const sovereign = { epoch: 1, threshold, authorities: [{ id: alice.id, ssh: alice.publicKey }] };
  const keys = [walletText(key), ledgerKeyText()];
  return parsePolicy(policyBytes({ signer, serial, sovereign, keys, ...rest }));
}

async function begin(key?: Fields, rest?: Fields): Promise<void> {
  clock = new StillClock();
  inForce = policyOf(1, key, ORIGIN, rest);
  const place = { directory: '/ledger', files: new MemoryDisk(), clock };
  await createLedger({ ...place, genesis: [genesis(), { ...policyEntry(), sha256: inForce.sha256 }] });
  ledger = await openLedger({ ...place, segmentBytes: 1 << 20 });
}

beforeEach(() => begin());

function signed<K extends Kind>(kind: K, fields: PayloadFields<K>): Envelope {
  const payload = buildPayload(kind, fields);
  return envelopeOf(payload, alice.sign(payload, `${kind}@chancery`));
}

function submit<K extends Kind>(
  kind: K,
  fields: PayloadFields<K>,
  rest: Partial<Acceptance> = {},
): Promise<Accepted> {
  const parts = { ledger, inForce: () => inForce, now: () => clock.now, pending: null, ...rest };
  return acceptStatement(parts, signed(kind, fields));
}

async function append(entry: EntryBody): Promise<string> {
  const { written } = await ledger.transact(() => ({ entries: [entry], result: undefined }));
  return written[0]!.hash;
}

let ids = 100;
const common = () => ({
  signer: ORIGIN,
  id: statementId(++ids),
  epoch: 1,
  issuedAt: formatTime(clock.now),
});

function attestation(changes: Partial<PayloadFields<'attestation'>> = {}): PayloadFields<'attestation'> {
  return {
    ...common(),
    expiresAt: formatTime(clock.now + 60 * MINUTE),
    workload: AGENT,
    keys: [{ id: 'trading-1', publicKey: addressOf('trading-1') }],
    ...changes,
  };
}

function policyStatement(next: Policy, changes: Partial<PayloadFields<'policy'>> = {}) {
  return { ...common(), serial: 2, previous: inForce.sha256, sha256: next.sha256, ...changes };
}

describe('I8: an attestation', () => {
  it('is accepted once', async () => {
    const fields = attestation();
    expect(await submit('attestation', fields)).toMatchObject({
      kind: 'attestation',
      authorities: ['alice'],
    });
    const again = await rejected(submit('attestation', fields));
    expect(again.code).toBe('STATEMENT_INVALID');
    expect(again.message).toContain('its id was used before');
    expect(again.hint).toContain('issue and sign a new one');
  });

  it('may bear the id of one that expired a day ago', async () => {
    const { id } = await submit('attestation', attestation());
    clock.now += 25 * 60 * MINUTE;
    await submit('attestation', attestation());
    expect(await submit('attestation', attestation({ id }))).toMatchObject({ id });
  });

  it('is not from after the time that its entry would bear, whatever the other clock says', async () => {
    const ahead = attestation({ issuedAt: formatTime(clock.now + MINUTE + 2000) });
    const error = await rejected(submit('attestation', ahead, { now: () => clock.now + 5000 }));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('still to come');
    const within = attestation({ issuedAt: formatTime(clock.now + MINUTE) });
    await submit('attestation', within, { now: () => clock.now + 5000 });
  });

  it.each([
    ['a key of no policy', { keys: [{ id: 'nobody', publicKey: addressOf('bob') }] }, 'has no key nobody'],
    [
      'another key under that name',
      { keys: [{ id: 'trading-1', publicKey: addressOf('bob') }] },
      'has the public key',
    ],
    ['a workload without grant', { workload: OTHER_AGENT }, 'does not grant key trading-1'],
  ])('for %s is refused', async (_, changes, why) => {
    const size = ledger.state.size;
    const error = await rejected(submit('attestation', attestation(changes)));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain(why);
    expect(ledger.state.size).toBe(size);
  });

  it('lasts no longer than the key allows', async () => {
    const expiresAt = formatTime(clock.now + 60 * MINUTE + 1);
    const error = await rejected(submit('attestation', attestation({ expiresAt })));
    expect(error.message).toContain('it lasts longer than the 60 minutes key trading-1 allows');
  });

  it('names what the key requires: a possession key, a head of this ledger', async () => {
    await begin({ attestation: { possession: 'required', challenge: 'required' } });
    const bare = await rejected(submit('attestation', attestation()));
    expect(bare.message).toContain('requires a possession key');
    const possession = addressOf('agent');
    const unbound = await rejected(submit('attestation', attestation({ possession })));
    expect(unbound.message).toContain('requires a challenge');
    const { size, root } = ledger.state.challenge();
    const foreign = { size, root: Buffer.alloc(32, 7).toString('base64') };
    const other = await rejected(submit('attestation', attestation({ possession, ledger: foreign })));
    expect(other.message).toContain('is not one of this ledger');
    clock.now += 60 * MINUTE + 1;
    const old = await rejected(submit('attestation', attestation({ possession, ledger: { size, root } })));
    expect(old.message).toContain('is too old');
    clock.now -= 1;
    expect(await submit('attestation', attestation({ possession, ledger: { size, root } }))).toBeDefined();
  });
});

describe('I8: an attestation of several keys', () => {
  const second = (attestation: Fields): Yaml =>
    walletText({
      id: 'trading-2',
      object: { label: 'trading-2' },
      publicKey: addressOf('trading-2'),
      attestation,
    });
  const both = (publicKey = addressOf('trading-2')) => [
    { id: 'trading-1', publicKey: addressOf('trading-1') },
    { id: 'trading-2', publicKey },
  ];
  const beginBoth = (own: Fields) => begin({}, { keys: [walletText(), second(own), ledgerKeyText()] });

  it('holds for each of them', async () => {
    await beginBoth({ maxAge: '30m' });
    const wrong = await rejected(submit('attestation', attestation({ keys: both(addressOf('bob')) })));
    expect(wrong.message).toContain('key trading-2 has the public key');
    const long = await rejected(submit('attestation', attestation({ keys: both() })));
    expect(long.message).toContain('it lasts longer than the 30 minutes key trading-2 allows');
    const expiresAt = formatTime(clock.now + 30 * MINUTE);
    expect(await submit('attestation', attestation({ keys: both(), expiresAt }))).toBeDefined();
  });

  it('names a head no older than the strictest allows', async () => {
    await beginBoth({ maxAge: '10m' });
    const { size, root } = ledger.state.challenge();
    clock.now += 10 * MINUTE;
    const fields = () =>
      attestation({ keys: both(), expiresAt: formatTime(clock.now + MINUTE), ledger: { size, root } });
    expect(await submit('attestation', fields())).toBeDefined();
    clock.now += 1;
    expect((await rejected(submit('attestation', fields()))).message).toContain('is too old');
    const behind = submit('attestation', fields(), { now: () => clock.now - 5000 });
    expect((await rejected(behind)).message).toContain('is too old');
  });
});

describe('I8: a statement that has expired by any clock', () => {
  it.each<[string, () => Promise<Partial<Acceptance>>]>([
    [
      'the ledger’s',
      async () => {
        clock.now += 60 * MINUTE;
        await append({ type: 'tick' });
        clock.now -= 1000;
        return {};
      },
    ],
    [
      'that of the caller',
      () => {
        const now = clock.now + 60 * MINUTE;
        return Promise.resolve({ now: () => now });
      },
    ],
  ])('is refused: %s', async (_, later) => {
    const fields = attestation();
    const error = await rejected(submit('attestation', fields, await later()));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('it expired at');
  });
});

describe('I8: a ledger that nobody compared with its anchors', () => {
  const unseen = (): Promise<Accepted> =>
    acceptStatement(
      { ledger, inForce: () => inForce, now: () => clock.now },
      signed('attestation', attestation()),
    );

  it('accepts nothing where the policy has some', async () => {
    await begin({}, { anchors: [{ kind: 'file', path: '/mnt/anchor' }] });
    const size = ledger.state.size;
    const error = await rejected(unseen());
    expect(error.code).toBe('LEDGER_UNAVAILABLE');
    expect(error.message).toContain('was not compared with its anchors');
    expect(ledger.state.size).toBe(size);
    expect(await submit('attestation', attestation())).toBeDefined();
  });

  it('accepts as ever where it has none', async () => {
    expect(await unseen()).toMatchObject({ kind: 'attestation' });
  });
});

describe('I8: a policy', () => {
  it('is accepted when it follows the one in force', async () => {
    const next = policyOf(2);
    expect(await submit('policy', policyStatement(next), { next })).toMatchObject({ kind: 'policy' });
    expect(ledger.state.policy).toMatchObject({ serial: 2, sha256: next.sha256 });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['without its bytes', () => submit('policy', policyStatement(policyOf(2))), 'is not the one it names'],
    [
      'with other bytes',
      () => submit('policy', policyStatement(policyOf(2)), { next: policyOf(3) }),
      'is not the one it names',
    ],
    [
      'of another signer',
      () => {
        const next = policyOf(2, {}, 'chancery.local/demo/5f0c9a3b1d2e4f60');
        return submit('policy', policyStatement(next), { next });
      },
      'that policy is for the signer chancery.local/demo',
    ],
    [
      'with another serial than the statement',
      () => submit('policy', policyStatement(policyOf(3)), { next: policyOf(3) }),
      'the policy has serial 3, the statement says 2',
    ],
    [
      'with a serial that does not grow',
      () => submit('policy', policyStatement(inForce, { serial: 1 }), { next: inForce }),
      'serial 1 is not above 1',
    ],
    [
      'that follows another',
      () => {
        const next = policyOf(2);
        return submit('policy', policyStatement(next, { previous: 'ab'.repeat(32) }), { next });
      },
      'it follows policy abab',
    ],
    [
      'whose epoch goes back, so that what was voided would hold again',
      () => {
        const next = policyOf(2);
        const later = { ...inForce, sovereign: { ...inForce.sovereign, epoch: 2 } };
        return submit('policy', policyStatement(next, { epoch: 2 }), { next, inForce: () => later });
      },
      'epoch 1 is below 2',
    ],
  ])('%s is refused', async (_, ask, why) => {
    const error = await rejected(ask());
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain(why);
    expect(ledger.state.policy).toMatchObject({ serial: 1, sha256: inForce.sha256 });
  });
});

it('I8: an unfreeze lifts a freeze that is in force, and no other', async () => {
  const held = await append({ type: 'freeze', reason: 'drill', by: { uid: 0, pid: 1 } });
  const error = await rejected(submit('unfreeze', { ...common(), freeze: 'ab'.repeat(32) }));
  expect(error.code).toBe('STATEMENT_INVALID');
  expect(error.message).toContain('no freeze in force has the hash abab');
  expect(ledger.state.freezes()).toHaveLength(1);
  expect(await submit('unfreeze', { ...common(), freeze: held })).toMatchObject({ kind: 'unfreeze' });
  expect(ledger.state.freezes()).toEqual([]);
});

describe('I8: while the ledger may have been rolled back', () => {
  const pending = (): PendingRollback => ({
    size: ledger.state.size,
    root: ledger.state.challenge().root,
    contradicted: [],
    since: clock.now,
  });

  it('nothing but the acceptance of exactly this ledger counts, and what was issued before is void', async () => {
    const found = pending();
    const before = attestation();
    const refused = await rejected(submit('attestation', before, { pending: found }));
    expect(refused.code).toBe('LEDGER_UNAVAILABLE');
    const { size, root } = found;
    const other = await rejected(
      submit('accept-rollback', { ...common(), size: size + 1, root }, { pending: found }),
    );
    expect(other.message).toContain('this ledger was found with');
    const foreign = Buffer.alloc(32, 7).toString('base64');
    const elsewhere = await rejected(
      submit('accept-rollback', { ...common(), size, root: foreign }, { pending: found }),
    );
    expect(elsewhere.message).toContain('this ledger was found with');
    expect(await submit('accept-rollback', { ...common(), size, root }, { pending: found })).toMatchObject({
      kind: 'accept-rollback',
    });
    const voided = await rejected(submit('attestation', before));
    expect(voided.message).toContain('before the last rollback was accepted');
    clock.now += 1;
    expect(await submit('attestation', attestation())).toBeDefined();
  });

  it('a word given before it was found accepts nothing: it was another rollback to the same place', async () => {
    const found = { ...pending(), since: clock.now + 1000 };
    const { size, root } = found;
    const error = await rejected(submit('accept-rollback', { ...common(), size, root }, { pending: found }));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('issued before this rollback was found');
  });

  it('what the anchors held is written down as void', async () => {
    const root = Buffer.alloc(32, 9).toString('base64');
    const found = { ...pending(), contradicted: [{ size: '99', root }] };
    await submit('accept-rollback', { ...common(), size: found.size, root: found.root }, { pending: found });
    expect(ledger.state.voidedCheckpoint(99, root)).toBe(true);
    expect(ledger.state.voidedCheckpoint(98, root)).toBe(false);
  });

  it('there is nothing to accept when no anchor contradicts', async () => {
    const { size, root } = pending();
    const error = await rejected(submit('accept-rollback', { ...common(), size, root }));
    expect(error.message).toContain('no anchor contradicts this ledger');
  });
});
