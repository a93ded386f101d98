import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryAt, lastEntries, readEntries, type ReadOptions } from '../../../src/audit/read-entries.js';
import { csvLine, CSV_HEADER, jsonLine } from '../../../src/audit/report/export.js';
import { entryLine, entryText } from '../../../src/audit/report/entry-text.js';
import { costTable, Spend, spendPlot } from '../../../src/audit/report/spend.js';
import { formatAmount } from '../../../src/core/amount.js';
import { verifyLedger } from '../../../src/audit/verify.js';
import { verifyExitCode, verifyText } from '../../../src/audit/report/verify-text.js';
import { FEE, ORIGIN, WORKLOAD } from '../../support/audit/history.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';

const sol = (lamports: bigint): string => formatAmount(lamports, 9, 'SOL');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chancery-audit-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
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
    expect((await lastEntries(directory, 7)).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 7 }, (_, index) => ledger - 7 + index),
    );
  });

  it('filters, outcomes going with their authorization', async () => {
    soundLedger(2).write(directory);
    const types = new Set(['denial'] as const);
    expect(await sequences({ filter: { types } })).toEqual([12]);
    const mine = await sequences({ filter: { workload: WORKLOAD } });
    expect(mine).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 17]);
    expect(await sequences({ filter: { key: 'other' } })).toEqual([]);
    const { time } = await entryAt(directory, 6);
    expect(await sequences({ filter: { since: time, until: time + 25 } })).toEqual([6, 7, 8]);
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
    await expect(entryAt(directory, 999)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('reports', () => {
  it('shows entries with the text of others escaped', async () => {
    const ledger = soundLedger(1);
    ledger.add({ type: 'freeze', reason: 'x\u001b[2J\u202e', by: null });
    ledger.write(directory);
    const last = await entryAt(directory, ledger.lines.length - 1);
    expect(entryLine(last)).toContain('every key: x\\u{1b}[2J\\u{202e} (by itself)');
    expect(entryText(last)).toContain('reason: x\\u{1b}[2J\\u{202e}');
    expect(entryLine(await entryAt(directory, 4))).toContain(
      `trading-1 for ${WORKLOAD}: ${sol(1000n + FEE)}, fee ${sol(FEE)}`,
    );
  });

  it('exports JSON lines and CSV', async () => {
    soundLedger(1).write(directory);
    const step = await entryAt(directory, 4);
    expect(JSON.parse(jsonLine(step))).toEqual({ hash: step.hash.toString('hex'), ...step.entry });
    const cells = csvLine(step).split(',');
    expect(cells).toHaveLength(CSV_HEADER.split(',').length);
    expect(cells.slice(8, 10)).toEqual([String(1000n + FEE), String(FEE)]);
    const formula = csvLine({ ...step, entry: { ...step.entry, type: 'stop', reason: '=1+1,"x"' } });
    expect(formula).toContain(`"'=1+1,""x"""`);
  });

  it('adds up spend by key and workload, and plots it', async () => {
    soundLedger(3).write(directory);
    const spend = new Spend(60_000);
    for await (const step of readEntries({ directory })) spend.add(step);
    const [series] = spend.series();
    // Three pairs, one that failed, one left behind: five counted; the repeat counts nothing.
    expect(series).toMatchObject({ key: 'trading-1', unit: 'SOL', total: 5n * (1000n + FEE) });
    const spent = sol(5n * (1000n + FEE));
    expect(spend.costs()[0]).toMatchObject({ workload: WORKLOAD, unit: 'SOL', transactions: 5 });
    expect(spendPlot(series!, 60_000)).toBe(
      `trading-1 SOL: ${spent}\n  2026-03-01T10:00Z ${'█'.repeat(40)} ${spent}`,
    );
    expect(costTable(spend.costs())).toContain(`${WORKLOAD}  SOL  ${spent}  5 transactions`);
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
