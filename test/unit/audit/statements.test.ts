import { describe, expect, it } from 'vitest';
import type { EntryBody } from '../../../src/ledger/entries.js';
import { begun, found, reportOf } from '../../support/audit/found.js';
import {
  acceptance,
  attestation,
  authorization,
  genesis,
  iso,
  LEDGER_KEY,
  nextId,
  ORIGIN,
  policy,
  policyText,
  sha256,
  sign,
  SOVEREIGN,
  start,
  START,
  STRANGER,
  TRADING_KEY,
  unfreeze,
} from '../../support/audit/history.js';
import { headOf } from '../../support/audit/checkpoint.js';
import { LedgerWriter } from '../../support/audit/ledger-writer.js';
import { publicKeyLine } from '../../support/sshsig-by-hand.js';

const FIRST = sha256(policyText());
const both = [policyText(), policyText(2)];
const by = { uid: 0, pid: 7 };

/** A begun ledger with these entries after it; some can be made only when it stands so far. */
function with_(...entries: readonly (EntryBody | ((ledger: LedgerWriter) => EntryBody))[]): LedgerWriter {
  const ledger = begun();
  for (const entry of entries) ledger.add(typeof entry === 'function' ? entry(ledger) : entry);
  return ledger;
}

const accepted = ({ lines }: LedgerWriter): EntryBody => acceptance(START, headOf(lines));

const second = () => policy(2, FIRST) as EntryBody & { type: 'policy' };
const warrant = () => attestation(START);

describe('genesis', () => {
  it('is the first entry', async () => {
    const ledger = new LedgerWriter();
    ledger.add({ type: 'tick' });
    expect(await found(ledger)).toEqual(['genesis 0: the first entry is tick']);
  });

  it('stands once', async () => {
    expect(await found(with_(genesis()))).toEqual(['genesis 2: a second genesis']);
  });

  it('says what its statement says', async () => {
    for (const [over, message] of [
      [{ origin: 'chancery.local/demo/0000000000000000' }, 'genesis 0: the entry says origin chancery.local'],
      [{ publicKey: STRANGER.address }, 'genesis 0: the entry names another ledger key'],
    ] as const) {
      const ledger = new LedgerWriter();
      ledger.add({ ...(genesis() as EntryBody & { type: 'genesis' }), ...over });
      const damages = await found(ledger);
      expect(damages).toHaveLength(1);
      expect(damages[0]).toContain(message);
    }
  });

  it('without a quorum leaves nobody to judge the rest by', async () => {
    const forged = genesis() as EntryBody & { type: 'genesis' };
    const ledger = new LedgerWriter();
    ledger.add({ ...forged, statement: { ...forged.statement, signatures: [] } });
    ledger.add(policy());
    ledger.add(warrant());
    expect(await found(ledger)).toEqual([
      expect.stringMatching(/^genesis 0: .*0 of the 1 signatures/),
      'statement 1: there is no Sovereign to judge it by',
      'statement 2: there is no Sovereign to judge it by',
    ]);
  });

  it('uses up its id, as every statement does', async () => {
    const first = genesis() as EntryBody & { type: 'genesis' };
    const { id } = JSON.parse(Buffer.from(first.statement.payload, 'base64').toString()) as { id: string };
    const ledger = new LedgerWriter();
    ledger.add(first);
    ledger.add(policy());
    ledger.add(attestation(START, { id }));
    expect(await found(ledger)).toEqual([`statement 2: the statement ${id} was used before`]);
  });
});

describe('a policy', () => {
  it('that follows the one in force is sound, and then its own authorities judge', async () => {
    const theirs = policyText(2).replace(publicKeyLine(SOVEREIGN), publicKeyLine(STRANGER));
    const next = policy(2, FIRST, theirs);
    const after = authorization('', 0).policy;
    expect(after).toBe(FIRST);
    const texts = [policyText(), theirs];
    expect(await found(with_(next, attestation(START, {}, STRANGER)), texts)).toEqual([]);
    expect(await found(with_(next, warrant()), texts)).toEqual([
      expect.stringMatching(/^statement 3: .*0 of the 1 signatures/),
    ]);
    expect(await found(with_(second(), warrant()), both)).toEqual([]);
  });

  const signed = (serial: number, previous: string, digest: string, id = nextId()): EntryBody => {
    const fields = { signer: ORIGIN, id, epoch: 1, issuedAt: new Date(START).toISOString() };
    const statement = sign('policy', { ...fields, serial, previous, sha256: digest });
    return { type: 'policy', sha256: digest, serial, id, statement };
  };
  const otherSigner = policyText(2).replace(ORIGIN, 'chancery.local/other/0123456789abcdef');

  it.each<[string, EntryBody, string]>([
    [
      'under a statement of another kind',
      { ...second(), id: '', statement: warrant().statement },
      'the statement is of kind attestation, not policy',
    ],
    [
      'under a statement for other bytes',
      { ...second(), sha256: sha256(policyText(2, '1 SOL')) },
      'the statement names another policy than the entry',
    ],
    [
      'under the id of another statement',
      { ...second(), id: 'ab'.repeat(16) },
      `the entry says ${'ab'.repeat(16)}, the statement is another`,
    ],
    [
      'that follows another',
      policy(2, 'cd'.repeat(32)),
      `it follows policy ${'cd'.repeat(32)}, ${FIRST} was in force`,
    ],
    [
      'whose serial does not grow',
      signed(1, FIRST, sha256(policyText(1, '1 SOL'))),
      'its serial 1 does not grow',
    ],
    ['for another signer', signed(2, FIRST, sha256(otherSigner)), 'the policy is for the signer chancery'],
    ['whose bytes say another serial', signed(3, FIRST, sha256(policyText(2))), 'the policy says serial 2'],
  ])('is found: %s', async (_name, entry, message) => {
    const texts = [...both, policyText(1, '1 SOL'), policyText(2, '1 SOL'), otherSigner];
    const damages = await found(with_(entry), texts);
    expect(damages).toHaveLength(1);
    expect(damages[0]).toContain(`statement 2: ${message}`);
  });

  it('under a statement for another serial is found', async () => {
    const damages = await found(with_({ ...second(), serial: 3 }), both);
    expect(damages).toEqual([
      'statement 2: the statement names another serial than the entry',
      'statement 2: the policy says serial 2',
    ]);
  });

  it('comes first only as genesis names it', async () => {
    const ledger = new LedgerWriter();
    ledger.add(genesis());
    ledger.add(policy(1, '0'.repeat(64), policyText(1, '1 SOL')));
    expect(await found(ledger, [policyText(1, '1 SOL')])).toEqual([
      'statement 1: the first policy is not the one that genesis names',
    ]);
  });

  it('that nobody signed is one damage, at its place: what follows is judged by what was obeyed', async () => {
    const unsigned = second();
    const ledger = with_({ ...unsigned, statement: { ...unsigned.statement, signatures: [] } }, warrant());
    const id = lastId(ledger);
    ledger.add(start());
    ledger.add(authorization(id, 0, 1000n, { policy: sha256(policyText(2)) }));
    ledger.add(policy(3, sha256(policyText(2))));
    expect(await found(ledger, [...both, policyText(3)])).toEqual([
      expect.stringMatching(/^statement 2: .*0 of the 1 signatures/),
    ]);
  });
});

describe('I8: a policy whose epoch', () => {
  it('goes back is found: what an epoch voided would hold again', async () => {
    const later = policyText(2).replace('epoch: 1', 'epoch: 2');
    const [back, on] = [policyText(3), policyText(3).replace('epoch: 1', 'epoch: 2')];
    const followedBy = async (text: string): Promise<readonly string[]> => {
      const ledger = begun();
      ledger.add(policy(2, sha256(policyText()), later));
      const id = nextId();
      const fields = { serial: 3, previous: sha256(later), sha256: sha256(text) };
      const issued = { signer: ORIGIN, id, epoch: 2, issuedAt: iso(START) };
      const statement = sign('policy', { ...issued, ...fields });
      ledger.add({ type: 'policy', sha256: fields.sha256, serial: 3, id, statement });
      return found(ledger, [policyText(), later, text]);
    };
    expect(await followedBy(on)).toEqual([]);
    expect(await followedBy(back)).toEqual(['statement 3: its epoch 1 is below 2, which was in force']);
  });
});

function lastId(ledger: LedgerWriter): string {
  return (JSON.parse((ledger.lines.at(-1) ?? '').slice(65)) as { id: string }).id;
}

describe('a statement', () => {
  it.each<[string, () => readonly (EntryBody | typeof accepted)[], string | RegExp]>([
    [
      'under another kind',
      () => [{ ...warrant(), kind: 'accept-rollback' }],
      /^statement 2: the entry says accept-rollback .* the statement is another$/,
    ],
    [
      'of a kind that has an entry of its own',
      () => {
        const { id, statement } = unfreeze('ab'.repeat(32)) as EntryBody & { type: 'unfreeze' };
        return [{ type: 'statement', kind: 'unfreeze', id, authorities: ['alice'], statement }];
      },
      'statement 2: a statement of kind unfreeze has an entry of its own',
    ],
    [
      'under another id',
      () => [{ ...warrant(), id: 'ab'.repeat(16) }],
      `statement 2: the entry says attestation ${'ab'.repeat(16)}, the statement is another`,
    ],
    [
      'with other signers than those that signed',
      () => [{ ...warrant(), authorities: ['alice', 'bob'] }],
      'statement 2: the entry names alice, bob as signers, alice signed',
    ],
    [
      'for a key that the policy does not have',
      () => [attestation(START, { keys: [{ id: 'trading-9', publicKey: TRADING_KEY.address }] })],
      'statement 2: the policy has no key trading-9, or another public key',
    ],
    [
      'for another public key than that of the key',
      () => [attestation(START, { keys: [{ id: 'trading-1', publicKey: LEDGER_KEY.address }] })],
      'statement 2: the policy has no key trading-1, or another public key',
    ],
    [
      'for a workload that the policy does not grant the key',
      () => [attestation(START, { workload: 'spiffe://dev.chancery.local/other' })],
      'statement 2: the policy does not grant key trading-1 to its workload',
    ],
    [
      'that lasts longer than the policy allows',
      () => [attestation(START, { expiresAt: iso(START + 3_600_001) })],
      'statement 2: it lasts longer than the 1h that key trading-1 allows',
    ],
    [
      'that was used before',
      () => {
        const entry = warrant();
        return [entry, entry];
      },
      /^statement 3: the statement [0-9a-f]{32} was used before$/,
    ],
    ['of a stranger', () => [attestation(START, {}, STRANGER)], /^statement 2: .*0 of the 1 signatures/],
    [
      'for another signer',
      () => [attestation(START, { signer: 'chancery.local/demo/0000000000000000' })],
      /^statement 2: .*for the signer/,
    ],
    ['that is still to come', () => [attestation(START + 120_000)], /^statement 2: .*still to come/],
    ['that had expired', () => [attestation(START - 7_200_000)], /^statement 2: .*expired at/],
    [
      'from before an accepted rollback',
      () => [accepted, attestation(START - 1)],
      'statement 3: it was issued before the last rollback was accepted, which voided it',
    ],
    [
      'from the moment of an accepted rollback',
      () => [accepted, attestation(START + 30)],
      'statement 3: it was issued before the last rollback was accepted, which voided it',
    ],
    [
      'that a key entry carries, of which there is none',
      () => [
        {
          type: 'key',
          action: 'retire',
          token: 'main',
          label: 'ledger',
          publicKey: LEDGER_KEY.address,
          statement: attestation(START).statement,
        },
      ],
      /^statement 2: it names a statement about a key/,
    ],
  ])('is found: %s', async (_name, entries, message) => {
    const damages = await found(with_(...entries()));
    expect(damages).toHaveLength(1);
    expect(damages[0] ?? 'nothing').toMatch(message);
  });

  describe('that names a head of the ledger', () => {
    const OTHER = Buffer.alloc(32).toString('base64');
    const ticks = (count: number, apart: number) => (ledger: LedgerWriter) => {
      for (let tick = 0; tick < count; tick++) {
        ledger.time += apart;
        ledger.add({ type: 'stop', reason: 'x' });
      }
      return { type: 'tick' } as const;
    };

    it('holds when the ledger had it: just before, some entries ago, or long ago and given out', async () => {
      const naming = (size: number) => (ledger: LedgerWriter) =>
        attestation(ledger.time, { ledger: headOf(ledger.lines.slice(0, size)) });
      const ledger = with_(naming(2), naming(1), ticks(1500, 20), naming(1), (it) =>
        naming(it.lines.length - 3)(it),
      );
      expect(await found(ledger)).toEqual([]);
    });

    it.each<[string, (ledger: LedgerWriter) => EntryBody, string]>([
      [
        'of another history',
        () => attestation(START, { ledger: { size: 2, root: OTHER } }),
        'statement 2: the head of 2 entries it names is not that of this ledger',
      ],
      [
        'that is still to come',
        () => attestation(START, { ledger: { size: 3, root: OTHER } }),
        'statement 2: the head of 3 entries it names is none this ledger gave out',
      ],
      [
        'of another history, whose rollback it accepts',
        () => acceptance(START, { size: 1, root: OTHER }),
        'statement 2: the head of 1 entries it names is not that of this ledger',
      ],
    ])('is found when it is one %s', async (_name, entry, message) => {
      expect(await found(with_(entry))).toEqual([message]);
    });

    it('is found when it is an old one that the daemon gave to nobody', async () => {
      const old = ({ lines, time }: LedgerWriter) => attestation(time, { ledger: headOf(lines.slice(0, 9)) });
      const ledger = with_(ticks(1500, 1), old);
      expect(await found(ledger)).toEqual([
        `statement ${String(ledger.lines.length - 1)}: the head of 9 entries it names is none this ledger gave out`,
      ]);
    });

    it('is found when it is older than the policy allows', async () => {
      const after = (ms: number) => (ledger: LedgerWriter) => {
        ledger.time = START + 20 + ms;
        return attestation(ledger.time, { ledger: headOf(ledger.lines.slice(0, 2)) });
      };
      expect(await found(with_(after(3_600_000 - 10)))).toEqual([]);
      expect(await found(with_(after(3_600_000 - 9)))).toEqual([
        'statement 2: the head it names is older than key trading-1 allows',
      ]);
    });

    it('or a possession key is found missing where the policy requires it', async () => {
      const strict = policyText(2).replace(
        /^ {4}fee: /m,
        '    attestation: { challenge: required, possession: required }\n$&',
      );
      const given = (over: Parameters<typeof attestation>[1]) => {
        const ledger = begun();
        ledger.add(policy(2, FIRST, strict));
        ledger.add(attestation(START, { ...over, ledger: over?.ledger && headOf(ledger.lines) }));
        return found(ledger, [policyText(), strict]);
      };
      const [possession, head] = [LEDGER_KEY.address, { size: 0, root: '' }];
      expect(await given({ possession, ledger: head })).toEqual([]);
      expect(await given({ ledger: head })).toEqual(['statement 3: key trading-1 requires a possession key']);
      expect(await given({ possession })).toEqual(['statement 3: key trading-1 requires a challenge']);
    });

    it('is found in the history before it: the Sovereign signed another', async () => {
      const sound = with_({ type: 'stop', reason: 'x' });
      const head = headOf(sound.lines);
      const forged = with_({ type: 'stop', reason: 'y' }, acceptance(START, head));
      expect(await found(forged)).toEqual([
        'statement 3: the head of 3 entries it names is not that of this ledger',
      ]);
    });
  });

  it('from after an accepted rollback holds', async () => {
    expect(await found(with_(accepted, attestation(START + 31)))).toEqual([]);
  });

  it('is counted when its quorum held', async () => {
    const ledger = with_(warrant(), attestation(START, {}, STRANGER));
    expect((await reportOf(ledger)).statements).toBe(3);
  });
});

describe('an unfreeze', () => {
  const freeze: EntryBody = { type: 'freeze', reason: 'drill', by };

  it('lifts the freeze that it names', async () => {
    const ledger = with_(freeze);
    const entry = unfreeze(ledger.head) as EntryBody & { type: 'unfreeze' };
    ledger.add(entry);
    expect(await found(ledger)).toEqual([]);
  });

  it.each<[string, (held: string) => EntryBody, string]>([
    ['of a freeze that does not hold', () => unfreeze('ab'.repeat(32)), 'authority 4: it lifts a freeze'],
    [
      'under the statement for another freeze',
      (held) => ({ ...(unfreeze('ab'.repeat(32)) as EntryBody & { type: 'unfreeze' }), freeze: held }),
      'statement 4: the unfreeze statement names another freeze',
    ],
    [
      'under a statement of another kind',
      (held) => {
        const { id, statement } = warrant();
        return { type: 'unfreeze', freeze: held, id, statement };
      },
      'statement 4: the unfreeze statement names another freeze',
    ],
    [
      'under another id',
      (held) => ({ ...(unfreeze(held) as EntryBody & { type: 'unfreeze' }), id: 'ab'.repeat(16) }),
      `statement 4: the entry says ${'ab'.repeat(16)}, the statement is another`,
    ],
  ])('is found: %s', async (_name, entry, message) => {
    const ledger = with_({ type: 'tick' }, freeze);
    ledger.add(entry(ledger.head));
    const damages = await found(ledger);
    expect(damages).toHaveLength(1);
    expect(damages[0]).toContain(message);
  });
});

describe('an id', () => {
  const HOUR = 3_600_000;
  /** Two attestations of one id: the first expires after an hour. */
  const twice = (later: number): LedgerWriter => {
    const ledger = begun();
    const id = nextId();
    ledger.add(attestation(START, { id }));
    ledger.time = START + later;
    ledger.add(attestation(ledger.time, { id }));
    return ledger;
  };

  it('is forgotten a day after its statement expired, when the daemon accepts it again', async () => {
    expect(await found(twice(25 * HOUR))).toEqual([]);
  });

  it('is remembered until then', async () => {
    const [damage, ...more] = await found(twice(25 * HOUR - 1000));
    expect(damage).toMatch(/^statement 3: the statement [0-9a-f]{32} was used before$/);
    expect(more).toEqual([]);
  });
});
