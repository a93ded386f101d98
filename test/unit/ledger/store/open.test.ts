import { mkdirSync, readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { putBlob } from '../../../../src/ledger/store/blobs.js';
import { createLedger } from '../../../../src/ledger/store/create.js';
import { openLedger } from '../../../../src/ledger/store/open.js';
import { nodeFiles } from '../../../../src/os/files.js';
import { authorization, genesis, KEY, ORIGIN, policy, signature } from '../../../support/ledger-bodies.js';
import { StillClock } from '../../../support/ledger-clock.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const files = nodeFiles();
const clock = new StillClock();
const segmentBytes = 256 * 1024;
let directory: string;

beforeEach(async () => {
  directory = join(temporaryDirectory(), 'ledger');
  await createLedger({ directory, files, clock, genesis: [genesis(), policy()] });
});

const open = () => openLedger({ directory, files, clock, segmentBytes });

describe('openLedger', () => {
  it('goes on where the ledger ended, with the same state', async () => {
    const first = await open();
    expect(first.origin).toBe(ORIGIN);
    const receipts = await Promise.all(
      Array.from({ length: 50 }, () => first.transact(() => ({ entries: [authorization()], result: 7 }))),
    );
    expect(receipts.map((receipt) => receipt.written[0]?.sequence)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 2),
    );
    await Promise.all(
      receipts.map(({ written }) =>
        first.transact(() => ({ entries: [signature(written[0]!.sequence)], result: null })),
      ),
    );
    const { head } = first.state;
    const root = first.state.root();
    await first.close();
    const second = await open();
    expect(second.state.size).toBe(102);
    expect(second.state.head).toBe(head);
    expect(second.state.root()).toBe(root);
    expect(second.state.spent(KEY, 'SOL', '1h', clock.now)).toBe(250n);
    await second.close();
  });

  it('takes away what a killed process wrote aside, and leaves what is whole or not its own', async () => {
    const blob = await putBlob(files, directory, Buffer.from('whole'));
    const snapshot = `000000000042-${'ab'.repeat(32)}`;
    mkdirSync(join(directory, 'snapshots'));
    const [blobs, snapshots] = [join(directory, 'blobs'), join(directory, 'snapshots')];
    writeFileSync(join(blobs, 'notes.tmp'), 'of somebody else');
    const kept = readdirSync(blobs);
    expect(kept).toContain(blob);
    writeFileSync(join(blobs, `${'ab'.repeat(32)}.0a1b2c3d-0000-4000-8000-000000000000.tmp`), 'half');
    for (const name of [snapshot, `${snapshot}.tmp`]) writeFileSync(join(snapshots, name), 'half');
    await (await open()).close();
    expect(readdirSync(blobs)).toEqual(kept);
    expect(readdirSync(snapshots)).toEqual([snapshot]);
  });

  it('opens where it may not even look for what was written aside', async () => {
    writeFileSync(join(directory, 'snapshots'), 'no directory');
    const ledger = await open();
    await ledger.close();
    expect(readFileSync(join(directory, 'snapshots'), 'utf8')).toBe('no directory');
  });

  it('gives an authorization without outcome its recovered entry', async () => {
    const first = await open();
    await first.transact(() => ({ entries: [authorization()], result: null }));
    await first.close();
    const second = await open();
    expect(second.state.open()).toEqual([]);
    expect(second.state.size).toBe(4);
    expect(second.state.spent(KEY, 'SOL', '1m', clock.now)).toBe(5n);
    await second.close();
  });

  it('is locked while another has it open', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
    await first.close();
    await (await open()).close();
  });

  it('cuts a torn last line and says so in a repair entry', async () => {
    const first = await open();
    await first.transact(() => ({ entries: [authorization(), authorization()], result: null }));
    await first.close();
    const path = join(directory, '000000000000.ledger');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    const second = await open();
    const lines = readFileSync(path, 'utf8').replace(/\0+$/, '').trim().split('\n');
    expect(JSON.parse(lines[3]!.slice(65))).toMatchObject({ type: 'repair', sequence: '3' });
    await second.close();
  });

  it('refuses a flipped bit', async () => {
    const path = join(directory, '000000000000.ledger');
    const bytes = readFileSync(path);
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(path, bytes);
    await expect(open()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  it('rolls to further segments', async () => {
    const first = await open();
    for (let n = 0; n < 40; n++) {
      await first.transact(() => ({
        entries: Array.from({ length: 20 }, () => authorization({ message: 'A'.repeat(400) })),
        result: null,
      }));
    }
    await first.close();
    expect(readdirSync(directory).filter((name) => name.endsWith('.ledger')).length).toBeGreaterThan(2);
    const second = await open();
    expect(second.state.size).toBe(2 + 800 * 2);
    await second.close();
  });
});
