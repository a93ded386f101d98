import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/ledger/entries.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { sign, tradingKey } from '../support/site/signing.js';
import { Site, WORKLOAD, type CommandResult } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';

const CLIENTS = 8;
/** Below what the development policy lets through in a minute. */
const ENOUGH = 300;

describe('auditing what the real daemon wrote', () => {
  let site: Site;
  let publicKey: string;
  let copy: string;
  let nonce = 0;

  const ledger = (command: string, ...args: string[]): Promise<CommandResult> =>
    site.chancery('ledger', command, ...args);
  const live = (command: string, ...args: string[]): Promise<CommandResult> =>
    ledger(command, '--config', site.config, ...args);
  const answer = async (command: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await live(command, ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  beforeAll(async () => {
    site = await Site.make();
    copy = join(site.directory, '..', 'copy');
    await site.start();
    ({ publicKey } = await tradingKey(site));
    await site.attest();
  });
  afterAll(async () => {
    await site.remove();
  });

  it('a copy taken while the daemon signs verifies, and holds what was signed before it was begun', async () => {
    const signed: { readonly sequence: string; readonly hash: string }[] = [];
    const running = { on: true };
    const client = async (): Promise<void> => {
      while (running.on && nonce < ENOUGH) {
        const given = await sign(site, transfer(publicKey, 1000n, ++nonce));
        if (!given.ok) throw new Error(`refused: ${given.error.data.code}: ${given.error.message}`);
        signed.push(given.result.entry);
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, client));
    for (let round = 0; round < 3; round++) {
      const before = [...signed];
      expect(await live('backup', copy)).toMatchObject({ code: 0, stderr: '' });
      const verified = await ledger('verify', '--ledger', copy);
      expect(verified, verified.stdout).toMatchObject({ code: 0, stderr: '' });
      const hashes = new Map((await lines(copy)).map((line) => [sequenceOf(line), line.slice(0, 64)]));
      for (const { sequence, hash } of before) expect(hashes.get(sequence)).toBe(hash);
      // The ledger itself too, read while it is written.
      const report = await live('verify');
      expect(report, report.stdout).toMatchObject({ code: 0 });
    }
    running.on = false;
    await clients;
    expect(signed.length).toBeGreaterThan(0);
  });

  it('replay decides everything as the daemon did, and says what another policy would have refused', async () => {
    const refused = await sign(site, transfer(publicKey, 1n << 50n, ++nonce));
    expect(refused.ok).toBe(false);
    const authorizations = ofType(await ledgerLines(site.ledger), 'authorization').length;
    const same = JSON.parse(await answer('replay', '--json')) as Record<string, unknown>;
    expect(same).toMatchObject({ authorizations, denials: 1, different: 0, differences: [] });
    expect(await answer('replay')).toContain(`${String(authorizations)} authorizations, 1 denials`);
    const stricter = join(site.directory, '..', 'stricter.yaml');
    const policy = await readFile(join(site.directory, 'policy.yaml'), 'utf8');
    expect(policy).toMatch(/^ {4}destinations: any$/m);
    await writeFile(stricter, policy.replace(/^ {4}destinations: any$/m, '    destinations: []'));
    const asked = JSON.parse(await answer('replay', '--policy', stricter, '--json')) as Record<
      string,
      unknown
    >;
    expect(asked).toMatchObject({
      refused: authorizations,
      allowed: 0,
      refusedBy: { key: { 'trading-1': authorizations }, workload: { [WORKLOAD]: authorizations } },
    });
    const none = await answer('replay', '--policy', stricter, '--until', '2020-01-01', '--json');
    expect(JSON.parse(none)).toMatchObject({ authorizations: 0, different: 0 });
  });

  it('export gives every entry as it stands, or as CSV, and what a filter asks for', async () => {
    const entries = await ledgerLines(site.ledger);
    const exported = (await answer('export')).trimEnd().split('\n');
    const parsed = exported.map((line) => JSON.parse(line) as Entry & { hash: string });
    expect(parsed.slice(0, entries.length).map(({ hash: _, ...entry }) => entry)).toEqual(entries);
    const wanted = entries.filter(({ type }) => type === 'authorization' || type === 'signature').length;
    const only = ['--type', 'authorization', '--type', 'signature', '--key', 'trading-1', '--since', '1d'];
    const csv = (await answer('export', '--format', 'csv', ...only)).trimEnd().split('\n');
    expect(csv[0]).toMatch(/^sequence,time,type,key,/);
    expect(csv.slice(1)).toHaveLength(wanted);
    expect(await answer('export', '--workload', 'spiffe://other/agent')).toBe('');
    expect(await live('export', '--format', 'xml')).toMatchObject({ code: 2, stdout: '' });
    expect(await live('export', '--since', 'yesterday')).toMatchObject({ code: 2, stdout: '' });
  });

  it('spend adds up what the authorizations counted', async () => {
    const authorizations = ofType(await ledgerLines(site.ledger), 'authorization');
    const sum = (unit: string): string =>
      authorizations
        .flatMap(({ counted }) => counted.filter((one) => one.unit === unit))
        .reduce((total, { amount }) => total + BigInt(amount), 0n)
        .toString();
    const report = JSON.parse(await answer('spend', '--by', '1h', '--json')) as {
      series: { key: string; unit: string; total: string }[];
      workloads: object[];
    };
    expect(report.series.map(({ key, unit, total }) => [key, unit, total])).toEqual([
      ['trading-1', 'SOL', sum('SOL')],
      ['trading-1', 'fee', sum('fee')],
    ]);
    expect(report.workloads).toMatchObject([
      { workload: WORKLOAD, transactions: authorizations.length, fees: sum('fee'), rent: '0' },
    ]);
    expect(await answer('spend')).toContain(`${WORKLOAD}: ${String(authorizations.length)} transactions`);
    expect(await live('spend', '--by', '10s')).toMatchObject({ code: 2 });
  });

  it('a daemon goes on from the copy in place of a ledger that was lost', async () => {
    expect(await site.stop()).toBe(0);
    expect(await live('backup', copy)).toMatchObject({ code: 0 });
    const entries = (await ledgerLines(site.ledger)).length;
    await rename(site.ledger, `${site.ledger}-lost`);
    await cp(copy, site.ledger, { recursive: true });
    await site.start();
    expect((await sign(site, transfer(publicKey, 1000n, ++nonce))).ok).toBe(true);
    expect(await site.stop()).toBe(0);
    expect((await ledgerLines(site.ledger)).length).toBeGreaterThan(entries);
    expect(await live('verify')).toMatchObject({ code: 0 });
    // The copy is a beginning of what came of it, and of nothing else.
    expect(await live('backup', copy)).toMatchObject({ code: 0 });
    const other = await ledger('backup', copy, '--ledger', `${site.ledger}-lost`);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/^error: LEDGER_DAMAGED: the copy in \S+ is no beginning of this ledger: /);
  });
});

/** Every line of a copy, which ends with its last entry. */
async function lines(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ledger')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.join('').trimEnd().split('\n');
}

function sequenceOf(line: string): string {
  return (JSON.parse(line.slice(65)) as Entry).sequence;
}
