import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyLedger } from '../../../src/audit/verify.js';
import type { VerifyReport } from '../../../src/audit/verify-report.js';
import { genesis, policy, policyText } from './history.js';
import { LedgerWriter } from './ledger-writer.js';

/** A ledger with genesis and the first policy. */
export function begun(): LedgerWriter {
  const ledger = new LedgerWriter();
  ledger.add(genesis());
  ledger.add(policy());
  return ledger;
}

export async function reportOf(
  ledger: LedgerWriter,
  policies: readonly string[] = [policyText()],
): Promise<VerifyReport> {
  const directory = mkdtempSync(join(tmpdir(), 'chancery-found-'));
  try {
    ledger.write(directory, undefined, policies);
    return await verifyLedger({ directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Every damage as `<kind> <sequence>: <message>`. */
export async function found(ledger: LedgerWriter, policies?: readonly string[]): Promise<readonly string[]> {
  const { damages } = await reportOf(ledger, policies);
  return damages.map(({ kind, sequence, message }) => `${kind} ${String(sequence)}: ${message}`);
}
