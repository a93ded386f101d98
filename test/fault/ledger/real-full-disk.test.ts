import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { nodeFiles } from '../../../src/os/files.js';
import { authorization, freeze, genesis, KEY, policy, signature } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';

/** A real small file system, where root may mount one; the same cases run on a disk in memory everywhere. */
const mount = mkdtempSync(join(tmpdir(), 'chancery-tmpfs-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]).status === 0;
const files = nodeFiles();
const clock = new StillClock();
const directory = join(mount, 'ledger');
const segmentBytes = 256 * 1024;

beforeAll(() => {
  mkdirSync(mount, { recursive: true });
});
afterAll(() => {
  if (mounted) spawnSync('umount', [mount]);
  rmSync(mount, { recursive: true, force: true });
});

describe.skipIf(!mounted)('a file system without space', () => {
  it('I10: refuses to sign, still freezes and finishes, goes on when space is freed', async () => {
    await createLedger({ directory, files, clock, genesis: [genesis(), policy()] });
    const ledger = await openLedger({ directory, files, clock, segmentBytes });
    const authorize = (): Promise<number> =>
      ledger
        .transact(() => ({ entries: [authorization({ message: 'A'.repeat(800) })], result: null }))
        .then(({ written }) => written[0]!.sequence);
    const first = await authorize();
    const ballast = join(mount, 'ballast');
    fill(ballast);
    const refused = await untilRefused(authorize);
    expect(refused).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect([ledger.full, ledger.unavailable]).toEqual([expect.stringContaining('ENOSPC'), null]);
    await ledger.transact(() => ({ entries: [freeze(KEY)], result: null }));
    await ledger.transact(() => ({ entries: [signature(first)], result: null }));
    rmSync(ballast);
    await untilAccepted(ledger, authorize);
    await ledger.close();
    const again = await openLedger({ directory, files, clock, segmentBytes });
    expect(again.state.frozen(KEY)).not.toBeNull();
    await again.close();
  });

  it('does not start, and changes nothing, when the last segment cannot be written anew', async () => {
    const ballast = join(mount, 'ballast');
    fill(ballast);
    await expect(openLedger({ directory, files, clock, segmentBytes })).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    rmSync(ballast);
    const ledger = await openLedger({ directory, files, clock, segmentBytes });
    expect(ledger.state.frozen(KEY)).not.toBeNull();
    await ledger.close();
  });
});

function fill(path: string): void {
  const { bavail, bsize } = statfsSync(mount);
  writeFileSync(path, Buffer.alloc(bavail * bsize));
}

async function untilRefused(authorize: () => Promise<number>): Promise<unknown> {
  for (let n = 0; n < 2000; n++) {
    try {
      await authorize();
    } catch (error) {
      return error;
    }
  }
  return null;
}

async function untilAccepted(ledger: Ledger, authorize: () => Promise<number>): Promise<void> {
  for (let n = 0; n < 2000 && ledger.full !== null; n++) {
    clock.now += 1000;
    await authorize().catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await authorize();
}
