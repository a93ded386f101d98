import { statSync } from 'node:fs';
import { join } from 'node:path';
import { replayLedger } from '../../src/audit/replay/replay.js';
import { verifyLedger } from '../../src/audit/verify.js';
import { soundLedger } from '../support/audit/sound-ledger.js';
import { median } from './statistics.js';

interface AuditRate {
  readonly entriesPerSecond: number;
  /** Entries for each second of CPU, of all threads together. */
  readonly entriesPerCpuSecond: number;
}

export interface AuditRates {
  readonly entries: number;
  readonly bytesPerEntry: number;
  readonly rates: Readonly<Record<string, AuditRate>>;
}

const ROUNDS = 3;

/** How fast a ledger of `pairs` signed transfers is verified and replayed; written to `directory`. */
export async function measureAudit(directory: string, pairs: number, threads: number): Promise<AuditRates> {
  const ledger = soundLedger(pairs);
  ledger.write(directory);
  const entries = ledger.lines.length;
  const bytesPerEntry = statSync(join(directory, '000000000000.ledger')).size / entries;
  const verify = async (options: { onlyHashes?: boolean; threads?: number }): Promise<void> => {
    const { sound, damages } = await verifyLedger({ directory, ...options });
    if (!sound) throw new Error(`the measured ledger is damaged: ${damages[0]?.message ?? ''}`);
  };
  const rates: Record<string, AuditRate> = {};
  const measure = async (name: string, run: () => Promise<unknown>): Promise<void> => {
    rates[name] = await rate(entries, run);
  };
  await measure('verify, hashes only', () => verify({ onlyHashes: true }));
  await measure('verify, with Ed25519', () => verify({}));
  await measure(`verify, with Ed25519, ${String(threads)} threads`, () => verify({ threads }));
  await measure('replay', () => replayLedger({ directory }));
  return { entries, bytesPerEntry, rates };
}

/** Median of a few rounds after one to warm up. */
async function rate(entries: number, run: () => Promise<unknown>): Promise<AuditRate> {
  await run();
  const walls: number[] = [];
  const cpus: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const cpu = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(cpu);
    walls.push((performance.now() - began) / 1000);
    cpus.push((user + system) / 1_000_000);
  }
  return { entriesPerSecond: entries / median(walls), entriesPerCpuSecond: entries / median(cpus) };
}
