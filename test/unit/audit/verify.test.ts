import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { verifyLedger } from '../../../src/audit/verify.js';
import { LEDGER_KEY, ORIGIN } from '../../support/audit/history.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

describe('verifyLedger', () => {
  it('names a segment that the disk does not give', async () => {
    const ledger = soundLedger();
    ledger.write(directory);
    const next = join(directory, `${String(ledger.lines.length).padStart(12, '0')}.ledger`);
    mkdirSync(next);
    await expect(verifyLedger({ directory })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `cannot read ${next}`,
      cause: { code: 'EISDIR' },
    });
  });

  it('finds a sound ledger sound', async () => {
    const ledger = soundLedger();
    ledger.write(directory);
    const report = await verifyLedger({ directory, publicKeys: [LEDGER_KEY.address] });
    expect(report.damages).toEqual([]);
    expect(report).toMatchObject({
      sound: true,
      entries: ledger.lines.length,
      origin: ORIGIN,
      ledgerKey: LEDGER_KEY.address,
      pinned: true,
      head: ledger.head,
      signatures: 21,
      statements: 4,
      open: [],
    });
  });
});
