import { beforeEach, describe, expect, it } from 'vitest';
import { replayLedger } from '../../../src/audit/replay/replay.js';
import { replayText } from '../../../src/audit/report/replay-text.js';
import type { DenialBody } from '../../../src/ledger/entries.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import {
  attestation,
  authorization,
  FEE,
  genesis,
  iso,
  LEDGER_KEY,
  policy,
  policyText,
  sha256,
  signatureOver,
  START,
  STRANGER,
  WORKLOAD,
} from '../../support/audit/history.js';
import { LedgerWriter } from '../../support/audit/ledger-writer.js';
import { headOf } from '../../support/audit/checkpoint.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const SOL = 1_000_000_000n;
const RULE = 'keys.trading-1.limits[0]';
const HALF_PAST = START + 1_800_000;

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

function opened(over: Parameters<typeof attestation>[1] = {}): {
  readonly ledger: LedgerWriter;
  readonly id: string;
} {
  const ledger = new LedgerWriter();
  ledger.add(genesis());
  ledger.add(policy());
  const warrant = attestation(START, over);
  ledger.add(warrant);
  return { ledger, id: warrant.id };
}

function signed(ledger: LedgerWriter, body: ReturnType<typeof authorization>): void {
  ledger.add(signatureOver(ledger.add(body), body));
}

function denial(message: string, ...codes: readonly string[]): DenialBody {
  return { type: 'denial', key: 'trading-1', workload: WORKLOAD, codes, message, count: 1 };
}

describe('replayLedger', () => {
  it('decides everything as it was decided', async () => {
    soundLedger(5).write(directory);
    const report = await replayLedger({ directory });
    expect(report.differences).toEqual([]);
    expect(report).toMatchObject({ authorizations: 8, denials: 0, unjudged: 3, same: 8, different: 0 });
  });

  it('agrees with the daemon on where a window is full', async () => {
    const { ledger, id } = opened();
    for (let index = 0; index < 4; index++) signed(ledger, authorization(id, index, SOL / 2n - FEE));
    const more = authorization(id, 9, 1n);
    ledger.add(denial(more.message, 'SPEND_LIMIT_EXCEEDED'));
    // The window of an hour has buckets of a minute: one minute more and the last of them has left it.
    ledger.time += 3_600_000 + 60_000;
    const again = attestation(ledger.time);
    ledger.add(again);
    signed(ledger, authorization(again.id, 10, SOL / 2n - FEE));
    ledger.write(directory);
    const report = await replayLedger({ directory });
    expect(report.differences).toEqual([]);
    expect(report).toMatchObject({ authorizations: 5, denials: 1, same: 6 });
  });

  it('finds an authorization whose effects say something else than its message', async () => {
    const { ledger, id } = opened();
    const body = authorization(id, 0, 1000n);
    const debits = [{ asset: 'SOL', amount: '1000', reason: 'transfer', source: 'x' }];
    signed(ledger, { ...body, effects: [{ instruction: 0, program: 'system', name: 'Transfer', debits }] });
    signed(ledger, authorization(id, 1, 1000n));
    ledger.write(directory);
    const { different, differences } = await replayLedger({ directory });
    expect(different).toBe(1);
    expect(differences[0]?.reasons).toEqual(['its effects are not those of its message']);
  });

  it('lists what was allowed and should not have been, and what was counted wrongly', async () => {
    const { ledger, id } = opened();
    signed(ledger, authorization(id, 0, SOL));
    const less = authorization(id, 1);
    signed(ledger, { ...less, counted: less.counted.map((count) => ({ ...count, amount: '1' })) });
    ledger.add(denial(authorization(id, 2).message, 'SPEND_LIMIT_EXCEEDED'));
    ledger.write(directory);
    const { differences } = await replayLedger({ directory });
    expect(differences).toMatchObject([
      { sequence: 3, was: 'allow', now: 'deny' },
      { sequence: 5, was: 'allow', now: 'allow' },
      { sequence: 7, was: 'deny', now: 'allow' },
    ]);
    expect(differences[0]?.reasons[0]).toContain('SPEND_LIMIT_EXCEEDED');
    expect(differences[1]?.reasons).toEqual([
      `it counted SOL 1, fee 1, transactions 1, now SOL ${String(1000n + FEE)}, fee ${String(FEE)}, transactions 1`,
    ]);
  });

  it('does not call a change of mind what was refused for a thing that no ledger holds', async () => {
    const { ledger, id } = opened();
    signed(ledger, authorization(id, 0));
    const codes = ['UNKNOWN_KEY', 'WORKLOAD_CHANGED', 'POSSESSION_REQUIRED'];
    for (const code of codes) ledger.add(denial(authorization(id, 1).message, code));
    ledger.write(directory);
    const report = await replayLedger({ directory });
    expect(report.differences).toEqual([]);
    expect(report).toMatchObject({ authorizations: 1, denials: 0, unjudged: 3, same: 1, different: 0 });
  });

  it('does not call a change of mind what was refused to a connection that had proved no possession', async () => {
    const ledger = new LedgerWriter();
    ledger.add(genesis());
    ledger.add(policy());
    ledger.add(attestation(START, { scope: { uses: 9, programs: ['memo'] } }));
    ledger.add(attestation(START, { possession: STRANGER.address }));
    ledger.add(denial(authorization('none', 1).message, 'PROGRAM_NOT_ALLOWED'));
    ledger.write(directory);
    expect((await replayLedger({ directory })).differences).toEqual([]);
  });

  it('does not call a change of mind what was refused to a connection that had proved some of the keys', async () => {
    const [first, second] = [LEDGER_KEY.address, STRANGER.address];
    const ledger = new LedgerWriter();
    ledger.add(genesis());
    ledger.add(policy());
    ledger.add(attestation(START, { possession: first }));
    ledger.add(attestation(START, { possession: second, scope: { uses: 9, programs: ['memo'] } }));
    // Proved the second alone: the attestation that it is for comes nearest, and names another program.
    ledger.add(denial(authorization('none', 1).message, 'PROGRAM_NOT_ALLOWED'));
    const wrong = ledger.add(denial(authorization('none', 1).message, 'DESTINATION_NOT_ALLOWED'));
    ledger.write(directory);
    expect((await replayLedger({ directory })).differences).toMatchObject([{ sequence: wrong }]);
  });

  it('does not call a change of mind what had ended by the later clock of the daemon alone', async () => {
    const { ledger, id } = opened();
    const { message } = authorization(id, 1);
    const expires = START + 3_600_000;
    ledger.time = expires - 5020;
    const early = ledger.add(denial(message, 'ATTESTATION_EXPIRED'));
    ledger.time = expires - 4000;
    ledger.add(denial(message, 'ATTESTATION_EXPIRED'));
    ledger.add(denial(message, 'SPEND_LIMIT_EXCEEDED'));
    ledger.write(directory);
    const { differences } = await replayLedger({ directory });
    expect(differences).toMatchObject([
      { sequence: early, was: 'deny', now: 'allow' },
      { was: 'deny', now: 'allow', reasons: ['it was refused with SPEND_LIMIT_EXCEEDED'] },
    ]);
  });

  it.each<[string, string, string, (lines: readonly string[]) => ReturnType<typeof attestation>]>([
    // Not with a minute, at which hours may end.
    [
      'an attestation',
      'ATTESTATION_EXPIRED',
      '',
      () => attestation(START, { expiresAt: iso(HALF_PAST + 1500) }),
    ],
    ['its age', 'ATTESTATION_STALE', 'attestation: { maxAge: 30m }', () => attestation(START)],
    [
      'the age of the head that it names',
      'ATTESTATION_STALE',
      'attestation: { maxAge: 30m, challenge: required }',
      (lines) => attestation(START + 6000, { ledger: headOf(lines.slice(0, 1)) }),
    ],
    [
      'hours',
      'OUTSIDE_HOURS',
      'hours: { zone: UTC, from: "09:00", to: "10:30", days: sun }',
      () => attestation(START),
    ],
  ])('takes %s to have ended up to five seconds early, and no more', async (_, code, rule, given) => {
    const ledger = new LedgerWriter();
    ledger.add(genesis());
    ledger.add(policy());
    const warrant = given(ledger.lines);
    ledger.time += 6000;
    ledger.add(warrant);
    const { message } = authorization(warrant.id, 1);
    ledger.time = HALF_PAST - 5020;
    const early = ledger.add(denial(message, code));
    ledger.time = HALF_PAST - 2000;
    ledger.add(denial(message, code));
    ledger.write(directory);
    const ruled = parsePolicy(Buffer.from(policyText().replace('    fee:', `    ${rule}\n    fee:`)));
    const { differences } = await replayLedger({ directory, policy: ruled });
    expect(differences).toMatchObject([{ sequence: early, was: 'deny', now: 'allow' }]);
  });

  it('counts each use of an attestation once, a repeat of one not at all', async () => {
    const { ledger, id } = opened({ scope: { uses: 2 } });
    const first = authorization(id, 1);
    const original = ledger.add(first);
    ledger.add(signatureOver(original, first));
    signed(ledger, { ...first, request: 'again', counted: [], repeats: String(original) });
    signed(ledger, authorization(id, 2));
    ledger.add(denial(authorization(id, 3).message, 'ATTESTATION_REQUIRED'));
    ledger.write(directory);
    expect(await replayLedger({ directory })).toMatchObject({ differences: [], same: 4 });
  });

  it('does not call a change of mind what rested on the one of two attestations that ended a little later', async () => {
    const { ledger, id } = opened();
    const ends = START + 3_600_000;
    const scope = { uses: 9, programs: ['memo'] };
    // Issued before, to end two seconds after: by the later clock it was the only one left, and it names other programs.
    ledger.add(attestation(START, { scope, expiresAt: iso(ends + 2000) }));
    ledger.time = ends - 5020;
    const early = ledger.add(denial(authorization(id, 1).message, 'PROGRAM_NOT_ALLOWED'));
    ledger.time = ends - 2000;
    ledger.add(denial(authorization(id, 1).message, 'PROGRAM_NOT_ALLOWED'));
    ledger.write(directory);
    const { differences } = await replayLedger({ directory });
    expect(differences).toMatchObject([{ sequence: early, was: 'deny', now: 'allow' }]);
  });

  it('answers what another policy would have refused, with totals', async () => {
    const { ledger, id } = opened();
    for (let index = 0; index < 4; index++) signed(ledger, authorization(id, index, SOL / 2n - FEE));
    ledger.write(directory);
    const tighter = parsePolicy(Buffer.from(policyText(2, '1 SOL')));
    const report = await replayLedger({ directory, policy: tighter });
    expect(report).toMatchObject({
      same: 2,
      different: 2,
      refusedBy: {
        rule: { [`SPEND_LIMIT_EXCEEDED ${RULE}`]: 2 },
        key: { 'trading-1': 2 },
        workload: { [WORKLOAD]: 2 },
      },
    });
    expect(replayText(report)).toContain(`         2  SPEND_LIMIT_EXCEEDED ${RULE}`);
    const late = await replayLedger({ directory, policy: tighter, since: ledger.time - 15 });
    expect(late).toMatchObject({ authorizations: 1, different: 1 });
  });

  it('another policy is asked with the uses that it would have allowed', async () => {
    const { ledger, id } = opened({ scope: { uses: 2 } });
    signed(ledger, authorization(id, 1));
    const second = authorization(id, 2);
    const original = ledger.add(second);
    ledger.add(signatureOver(original, second));
    // Under one a minute the second counts nothing; a minute later the same bytes are its first use of the second.
    ledger.time += 61_000;
    signed(ledger, { ...second, request: 'again', counted: [], repeats: String(original) });
    ledger.write(directory);
    const slower = policyText().replace('    fee:', '    rate: { max: 1, window: 1m }\n    fee:');
    const report = await replayLedger({ directory, policy: parsePolicy(Buffer.from(slower)) });
    expect(report.differences).toMatchObject([{ sequence: original, now: 'deny' }]);
  });

  it('accepts an attestation whose challenge is a head that this ledger gave out, and no other', async () => {
    const required = policyText().replace(
      '    limits:',
      '    attestation: { challenge: required }\n    limits:',
    );
    const { ledger } = opened();
    const challenged = attestation(ledger.time, { ledger: headOf(ledger.lines.slice(0, 1)) });
    ledger.add(challenged);
    signed(ledger, authorization(challenged.id, 0));
    ledger.write(directory);
    const strict = parsePolicy(Buffer.from(required));
    expect(await replayLedger({ directory, policy: strict })).toMatchObject({ same: 1, different: 0 });

    const root = Buffer.alloc(32).toString('base64');
    const wrong: ((lines: readonly string[]) => ReturnType<typeof headOf>)[] = [
      () => ({ size: 1, root }),
      // In the ten seconds of the first: no signer gave it out.
      (lines) => headOf(lines.slice(0, 2)),
    ];
    for (const head of wrong) {
      const { ledger: other } = opened();
      const named = attestation(other.time, { ledger: head(other.lines) });
      other.add(named);
      signed(other, authorization(named.id, 0));
      other.write(directory);
      const report = await replayLedger({ directory, policy: strict });
      expect(report.refusedBy.rule).toEqual({
        'ATTESTATION_REQUIRED keys.trading-1.attestation.challenge': 1,
      });
    }
  });

  it('accepts the newest head as a challenge, which a checkpoint names, though it was not given out', async () => {
    const required = policyText().replace(
      '    limits:',
      '    attestation: { challenge: required }\n    limits:',
    );
    const { ledger } = opened();
    // The third of the same ten seconds: the daemon accepts it for as long as no entry follows.
    const named = attestation(ledger.time, { ledger: headOf(ledger.lines) });
    ledger.add(named);
    signed(ledger, authorization(named.id, 0));
    // By now another entry stands between.
    const late = attestation(ledger.time, { ledger: headOf(ledger.lines.slice(0, 3)) });
    ledger.add(late);
    ledger.write(directory);
    const report = await replayLedger({ directory, policy: parsePolicy(Buffer.from(required)) });
    expect(report).toMatchObject({ authorizations: 1, same: 1, different: 0 });
  });

  it('forgets an attestation in the hour in which the daemon does', async () => {
    const { ledger } = opened();
    const day = 86_400_000;
    const message = authorization('', 0).message;
    const other = (): void => {
      ledger.add(attestation(ledger.time, { workload: `${WORKLOAD}-2` }));
    };
    // Its day is over at half past: the first new attestation of that hour came before, the second comes after.
    ledger.add(attestation(START, { expiresAt: iso(START + 3_600_000 + 1_800_000) }));
    ledger.time = START + day + 3_600_000 + 60_000;
    other();
    ledger.time = START + day + 3_600_000 + 1_860_000;
    other();
    ledger.add(denial(message, 'ATTESTATION_EXPIRED'));
    ledger.time = START + day + 2 * 3_600_000;
    other();
    ledger.add(denial(message, 'ATTESTATION_REQUIRED'));
    ledger.write(directory);
    const report = await replayLedger({ directory });
    expect(report.differences).toEqual([]);
    expect(report).toMatchObject({ denials: 2, same: 2 });
  });

  describe('limits below the key', () => {
    const limited = (line: string): string => policyText().replace('    fee:', `      - ${line}\n    fee:`);
    const EACH = limited('{ asset: SOL, window: 24h, max: "0.7 SOL", destination: each }');
    const PER_WORKLOAD = limited(`{ asset: SOL, window: 24h, max: "0.7 SOL", workload: "${WORKLOAD}" }`);

    it.each([
      ['destination', EACH],
      ['workload', PER_WORKLOAD],
    ])('what was decided by %s is decided so again', async (_kind, text) => {
      const sha = sha256(text);
      const { ledger } = opened();
      ledger.add(policy(2, sha256(policyText()), text.replace('serial: 1', 'serial: 2')));
      const now = sha256(text.replace('serial: 1', 'serial: 2'));
      expect(now).not.toBe(sha);
      const warrant = attestation(ledger.time);
      ledger.add(warrant);
      const pay = (nonce: number, amount: bigint) =>
        authorization(warrant.id, nonce, amount, { policy: now });
      signed(ledger, pay(0, SOL / 2n - FEE));
      signed(ledger, pay(1, SOL / 10n));
      ledger.add(denial(pay(2, SOL / 2n - FEE).message, 'SPEND_LIMIT_EXCEEDED'));
      // The day's window: over when its oldest bucket has left it.
      ledger.time += 86_400_000 + 900_000;
      const again = attestation(ledger.time);
      ledger.add(again);
      signed(ledger, { ...pay(3, SOL / 2n - FEE), attestation: again.id });
      ledger.write(directory, 5, [policyText(), text.replace('serial: 1', 'serial: 2')]);
      const report = await replayLedger({ directory });
      expect(report.differences).toEqual([]);
      expect(report).toMatchObject({ authorizations: 3, denials: 1, same: 4 });
    });

    it('another policy is asked with what it would have counted for each account', async () => {
      const { ledger, id } = opened();
      for (let index = 0; index < 3; index++) signed(ledger, authorization(id, index, SOL / 2n - FEE));
      signed(ledger, authorization(id, 4, SOL / 10n));
      ledger.write(directory);
      for (const [text, rule] of [
        [EACH, 'keys.trading-1.limits[1]'],
        [PER_WORKLOAD, 'keys.trading-1.limits[1]'],
      ] as const) {
        const report = await replayLedger({ directory, policy: parsePolicy(Buffer.from(text)) });
        // The second and third are refused and count nothing: so the fourth still fits.
        expect(report.differences.map(({ sequence }) => sequence)).toEqual([5, 7]);
        expect(report.refusedBy.rule).toEqual({ [`SPEND_LIMIT_EXCEEDED ${rule}`]: 2 });
      }
    });
  });

  it('refuses to replay a ledger that does not verify', async () => {
    const { ledger } = opened();
    ledger.lines.splice(1, 1);
    ledger.write(directory);
    await expect(replayLedger({ directory })).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });
});
