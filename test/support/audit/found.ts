import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyLedger } from '../../../src/audit/verify.js';
import type { VerifyReport } from '../../../src/audit/verify-report.js';
import { genesis, policy, policyText, start } from './history.js';
import { LedgerWriter } from './ledger-writer.js';

/** A ledger with genesis and the first policy. */
export function begun(): LedgerWriter {
  const ledger = new LedgerWriter();
  ledger.add(genesis());
  ledger.add(policy());
  return ledger;
}

/** The same, of a daemon that runs: only then is anything authorized. */
export function running(): LedgerWriter {
  const ledger = begun();
  ledger.add(start());
  return ledger;
}

interface Beside {
  readonly policies?: readonly string[];
  /** The own checkpoint. */
  readonly checkpoint?: string;
  readonly onlyHashes?: boolean;
}

export async function reportOf(
  ledger: LedgerWriter,
  { policies = [policyText()], checkpoint, onlyHashes = false }: Beside = {},
): Promise<VerifyReport> {
  const directory = mkdtempSync(join(tmpdir(), 'chancery-found-'));
  try {
    ledger.write(directory, undefined, policies);
    if (checkpoint !== undefined) writeFileSync(join(directory, 'checkpoint'), checkpoint);
    return await verifyLedger({ directory, onlyHashes });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Every damage as `<kind> <sequence>: <message>`. */
export async function found(ledger: LedgerWriter, policies?: readonly string[]): Promise<readonly string[]> {
  const { damages } = await reportOf(ledger, policies === undefined ? {} : { policies });
  return damages.map(({ kind, sequence, message }) => `${kind} ${String(sequence)}: ${message}`);
}
