import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { entryAt, lastEntries, readEntries, type ReadOptions } from '../../../src/audit/read-entries.js';
import { csvLine, CSV_HEADER, jsonLine } from '../../../src/audit/report/export.js';
import { entryLine, entryText } from '../../../src/audit/report/entry-text.js';
import { spendJson, spendText } from '../../../src/audit/report/spend-text.js';
import { readSpend } from '../../../src/audit/spend.js';
import { formatAmount } from '../../../src/core/amount.js';
import { verifyLedger } from '../../../src/audit/verify.js';
import { verifyExitCode, verifyText } from '../../../src/audit/report/verify-text.js';
import {
  attestation,
  authorization,
  FEE,
  genesis,
  ORIGIN,
  policy,
  signatureOver,
  WORKLOAD,
} from '../../support/audit/history.js';
import { LedgerWriter } from '../../support/audit/ledger-writer.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const sol = (lamports: bigint): string => formatAmount(lamports, 9, 'SOL');

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

async function sequences(options: Omit<ReadOptions, 'directory'>): Promise<number[]> {
  const found: number[] = [];
  for await (const { sequence } of readEntries({ directory, ...options })) found.push(sequence);
  return found;
}

describe('reading entries', () => {
  it('gives a range across segments', async () => {
    soundLedger(4).write(directory, 5);
    expect(readdirSync(directory).filter((name) => name.endsWith('.ledger'))).toHaveLength(5);
    expect(await sequences({ from: 3, to: 11 })).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await sequences({ from: 7, to: 7 })).toEqual([7]);
    const ledger = soundLedger(4).lines.length;
    expect(await sequences({})).toHaveLength(ledger);
    expect((await lastEntries({ directory }, 7)).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 7 }, (_, index) => ledger - 7 + index),
    );
  });

  it('gives just the last of many more entries than were asked for, however few', async () => {
    const ledger = soundLedger(0);
    while (ledger.lines.length < 9000) ledger.add({ type: 'tick' });
    ledger.write(directory);
    for (const count of [0, 1, 4095, 4097, 8999, 9000]) {
      const last = await lastEntries({ directory }, count);
      expect([last.length, last[0]?.sequence, last.at(-1)?.sequence]).toEqual([
        count,
        count === 0 ? undefined : 9000 - count,
        count === 0 ? undefined : 8999,
      ]);
    }
  });

  it('filters, outcomes going with their authorization', async () => {
    soundLedger(2).write(directory);
    const types = new Set(['denial'] as const);
    expect(await sequences({ filter: { types } })).toEqual([12]);
    const mine = await sequences({ filter: { workload: WORKLOAD } });
    expect(mine).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16]);
    expect(await sequences({ filter: { key: 'other' } })).toEqual([]);
    const { time } = await entryAt({ directory }, 6);
    expect(await sequences({ filter: { since: time, until: time + 25 } })).toEqual([6, 7, 8]);
  });

  it('gives the last of a key whole, where an outcome stands in a later segment than its authorization', async () => {
    const ledger = new LedgerWriter();
    ledger.add(genesis());
    ledger.add(policy());
    const bodies = [authorization('', 0), authorization('', 1)];
    const first = ledger.add(bodies[0]!);
    const second = ledger.add(bodies[1]!);
    const outcomes = [signatureOver(first, bodies[0]!), signatureOver(second, bodies[1]!)];
    for (const outcome of outcomes) ledger.add(outcome);
    // The second segment begins with the second authorization; the first outcome follows it.
    ledger.write(directory, 3);
    const filter = { key: 'trading-1' };
    const last = async (count: number): Promise<number[]> =>
      (await lastEntries({ directory }, count, filter)).map(({ sequence }) => sequence);
    expect(await last(1)).toEqual([5]);
    expect(await last(2)).toEqual([4, 5]);
    expect(await last(3)).toEqual([3, 4, 5]);
  });

  it('ends before a torn tail and before reserved zero bytes, and refuses damage', async () => {
    const ledger = soundLedger(2);
    ledger.write(directory);
    const file = join(directory, '000000000000.ledger');
    appendFileSync(file, Buffer.alloc(3_000_000));
    expect(await sequences({})).toHaveLength(ledger.lines.length);
    ledger.write(directory);
    appendFileSync(file, 'abc');
    expect(await sequences({})).toHaveLength(ledger.lines.length);
    const bytes = readFileSync(file);
    bytes[2000] = (bytes[2000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await expect(sequences({})).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  it('says that there is no ledger, no such entry', async () => {
    await expect(sequences({})).rejects.toMatchObject({ code: 'LEDGER_MISSING' });
    soundLedger(1).write(directory);
    await expect(entryAt({ directory }, 999)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('reports', () => {
  it('shows entries with the text of others escaped', async () => {
    const ledger = soundLedger(1);
    ledger.add({ type: 'freeze', reason: 'x\u001b[2J\u202e', by: null });
    ledger.write(directory);
    const last = await entryAt({ directory }, ledger.lines.length - 1);
    expect(entryLine(last)).toContain('every key: x\\u{1b}[2J\\u{202e} (by itself)');
    expect(entryText(last)).toContain('reason: x\\u{1b}[2J\\u{202e}');
    expect(entryLine(await entryAt({ directory }, 4))).toContain(
      `trading-1 for ${WORKLOAD}: ${sol(1000n + FEE)}, fee ${sol(FEE)}`,
    );
  });

  it('exports JSON lines and CSV, which no spreadsheet runs', async () => {
    soundLedger(1).write(directory);
    const step = await entryAt({ directory }, 4);
    expect(JSON.parse(jsonLine(step))).toEqual({ hash: step.hash.toString('hex'), ...step.entry });
    const columns = CSV_HEADER.split(',');
    const cells = csvLine(step).split(',');
    expect(cells).toHaveLength(columns.length);
    expect(cells[columns.indexOf('lamports')]).toBe(String(1000n + FEE));
    expect(cells[columns.indexOf('feeLamports')]).toBe(String(FEE));
    const reasonCell = (reason: string): string => {
      const { sequence, previous, time } = step.entry;
      const line = csvLine({ ...step, entry: { sequence, previous, time, type: 'stop', reason } });
      return line.replace(/^[^,]*,[^,]*,stop,+/, '').replace(/,[0-9a-f]{64}$/, '');
    };
    expect(reasonCell('=1+1,"x"')).toBe(`"'=1+1,""x"""`);
    for (const start of ['=', '+', '-', '@', '\uff1d', '  =', '\u00a0=']) {
      expect(reasonCell(`${start}cmd`)).toBe(`'${start}cmd`);
    }
    for (const start of ['\t', '\r', '\n', '\n=']) expect(reasonCell(`${start}cmd`)).toBe(`"'${start}cmd"`);
    expect(reasonCell('a\nb')).toBe('"a\nb"');
    expect(reasonCell('a=b-c')).toBe('a=b-c');
  });

  it('adds up spend by key, and what each workload cost, and plots it', async () => {
    const ledger = soundLedger(3);
    const warrant = attestation(ledger.time);
    ledger.add(warrant);
    const body = authorization(warrant.id, 77, 5000n);
    const [effect] = body.effects as readonly { debits: readonly Record<string, string>[] }[];
    const debits = [
      { ...effect!.debits[0]!, amount: '3000' },
      { ...effect!.debits[0]!, amount: '2000', reason: 'rent' },
    ];
    ledger.time += 120_000;
    ledger.add({
      ...body,
      effects: [{ instruction: 0, program: 'system', debits }],
      counted: [...body.counted, { unit: 'GEM', amount: '7' }],
    });
    ledger.write(directory);
    const report = await readSpend({ directory, interval: 60_000 });
    // Three pairs, one that failed, one left behind: five counted before it; the repeat counts nothing.
    const before = 5n * (1000n + FEE);
    expect(report.series[1]).toMatchObject({ key: 'trading-1', unit: 'SOL', total: before + 5000n + FEE });
    expect(report.costs).toEqual([
      {
        workload: WORKLOAD,
        transactions: 6,
        fees: 6n * FEE,
        rent: 2000n,
        spend: new Map([
          ['SOL', 8000n],
          ['GEM', 7n],
        ]),
      },
    ]);
    const text = spendText(report);
    expect(text).toContain(
      [
        `trading-1 SOL: ${sol(before + 5000n + FEE)}`,
        `  2026-03-01T10:00Z ${'█'.repeat(40)} ${sol(before)}`,
        '  2026-03-01T10:01Z',
        `  2026-03-01T10:02Z ${'█'.repeat(Number(((5000n + FEE) * 40n) / before)).padEnd(40)} ${sol(5000n + FEE)}`,
      ].join('\n'),
    );
    expect(text).toContain('  spend  7 GEM (base units)');
    expect(spendJson(report)).toMatchObject({
      intervalSeconds: 60,
      workloads: [{ fees: String(6n * FEE), rent: '2000', spend: { SOL: '8000', GEM: '7' } }],
    });
    const [gem] = (await readSpend({ directory, interval: 60_000, since: ledger.time })).series;
    expect(gem).toMatchObject({ unit: 'GEM', total: 7n });
    expect((await readSpend({ directory, interval: 60_000, key: 'other' })).series).toEqual([]);
  });

  it('prints a verification and gives its exit code', async () => {
    const ledger = soundLedger(1);
    ledger.write(directory);
    const sound = await verifyLedger({ directory });
    expect(verifyExitCode(sound)).toBe(0);
    expect(verifyText(sound)).toContain(`ledger       ${ORIGIN}`);
    expect(verifyText(sound)).toContain('without a checkpoint kept elsewhere');
    ledger.lines.splice(4, 1);
    ledger.write(directory);
    const damaged = await verifyLedger({ directory });
    expect(verifyExitCode(damaged)).toBe(14);
    expect(verifyText(damaged)).toMatch(
      /DAMAGE: sequence: entry 4 \(000000000000\.ledger at byte \d+\): the entry says 5, 4 is due/,
    );
  });
});
