import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { backUpLedger } from '../../../src/audit/backup/back-up-ledger.js';
import { verifyText } from '../../../src/audit/report/verify-text.js';
import { verifyLedger } from '../../../src/audit/verify.js';
import type { VerifyReport } from '../../../src/audit/verify-report.js';
import { checkpointOf, headOf } from '../../support/audit/checkpoint.js';
import { cosigned, witnessedPolicy } from '../../support/audit/evidence.js';
import { acceptance, genesis, LEDGER_KEY, policy, policyText, sha256 } from '../../support/audit/history.js';
import { LedgerWriter } from '../../support/audit/ledger-writer.js';
import { writeTiles } from '../../support/audit/tiles.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

function history(entries: number, reason: string): LedgerWriter {
  const ledger = new LedgerWriter();
  ledger.add(genesis());
  ledger.add(policy());
  ledger.add(policy(2, sha256(policyText()), witnessedPolicy().text));
  while (ledger.lines.length < entries) ledger.add({ type: 'stop', reason });
  return ledger;
}

const given = history(12, 'given up');

/**
 * A ledger restored with six entries, whose rollback the Sovereign accepted, in which `cosigned` is left of the
 * history that was given up; `size` of that note, and `more` entries since.
 */
function restored(
  size: number,
  more: number,
  voided = true,
): { readonly note: string; readonly lines: readonly string[] } {
  const ledger = history(6, size > 6 ? 'given up' : 'another');
  const body = acceptance(ledger.time, headOf(ledger.lines));
  ledger.add(voided ? { ...body, voided: [wire(size)] } : body);
  for (let index = 0; index < more; index++) ledger.add({ type: 'tick' });
  ledger.write(directory, undefined, [policyText(), witnessedPolicy().text]);
  const note = cosigned(given, ['w1', 'w3'], size);
  writeFileSync(join(directory, 'cosigned'), note);
  writeFileSync(join(directory, 'checkpoint'), checkpointOf(ledger.lines));
  return { note, lines: ledger.lines };
}

function wire(size: number): { readonly size: string; readonly root: string } {
  const head = headOf(given.lines.slice(0, size));
  return { size: String(head.size), root: head.root };
}

const verify = (checkpoints: readonly string[] = []): Promise<VerifyReport> =>
  verifyLedger({ directory, checkpoints });

describe('a note that is left of a history which was given up', () => {
  it.each([
    ['that has more entries', 10, 1],
    ['that the ledger has outgrown', 10, 8],
    ['that went apart before', 5, 3],
  ])('%s is no damage, and vouches for nothing', async (_what, size, more) => {
    restored(size, more);
    const report = await verify();
    expect(report.damages).toEqual([]);
    expect(report).toMatchObject({ sound: true, checkpoints: { given: 2, met: 1, voided: 1 } });
    expect(report.witnesses).toEqual({ required: true, cosigned: [] });
    const text = verifyText(report);
    expect(text).toContain('checkpoints  1 of 2 met, 1 of a history that an accepted rollback gave up');
    expect(text).toContain('note: witnesses are asked for, and no checkpoint here has their quorum');
  });

  it('is damage where no accepted rollback names it', async () => {
    restored(10, 1, false);
    expect((await verify()).damages).toMatchObject([{ kind: 'checkpoint' }]);
  });

  it('is damage when somebody kept it elsewhere: what it covers is gone, and by whose word is said', async () => {
    const { note } = restored(10, 8);
    writeFileSync(join(directory, 'kept'), note);
    const { damages } = await verify([join(directory, 'kept')]);
    expect(damages).toMatchObject([{ kind: 'checkpoint' }]);
    expect(damages[0]?.message).toMatch(/: given up by the rollback accepted in entry 6$/);
  });

  it('is damage too when it was kept under the very name that the ledger has for it', async () => {
    const { note } = restored(10, 8);
    const kept = temporaryDirectory();
    writeFileSync(join(kept, 'cosigned'), note);
    const before = process.cwd();
    process.chdir(kept);
    try {
      const report = await verify(['cosigned']);
      expect(report.damages).toMatchObject([{ kind: 'checkpoint' }]);
      expect(report.checkpoints).toMatchObject({ given: 3, retained: 1, voided: 1 });
    } finally {
      process.chdir(before);
    }
  });

  it('is no damage either where the first segments are absent', async () => {
    const { note, lines } = restored(10, 8);
    const all = join(directory, '000000000000.ledger');
    writeFileSync(join(directory, '000000000003.ledger'), lines.slice(3).join(''));
    rmSync(all);
    writeTiles(directory, lines);
    const report = await verifyLedger({ directory, publicKeys: [LEDGER_KEY.address] });
    expect(note).toBe(readFileSync(join(directory, 'cosigned'), 'utf8'));
    expect(report.damages).toEqual([]);
    expect(report).toMatchObject({ absent: { entries: 3 }, checkpoints: { given: 2, met: 1, voided: 1 } });
  });

  it('does not stop a backup, which leaves it out', async () => {
    restored(10, 1);
    const to = temporaryDirectory();
    await backUpLedger({ directory, to });
    expect(await verifyLedger({ directory: to })).toMatchObject({ sound: true, checkpoints: { given: 1 } });
    expect(readFileSync(join(to, 'checkpoint'))).toEqual(readFileSync(join(directory, 'checkpoint')));
  });
});
