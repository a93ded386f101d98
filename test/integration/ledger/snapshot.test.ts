import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type * as Built from '../../../src/daemon/snapshot-thread.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { listSnapshots } from '../../../src/ledger/snapshot/snapshot-files.js';
import { Snapshots } from '../../../src/ledger/snapshot/snapshots.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import type { LedgerEvent } from '../../../src/ledger/store/events.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { nodeFiles } from '../../../src/os/files.js';
import { authorization, genesis, KEY, policy, signature } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import { addressOf } from '../../support/policy-text.js';
import { checkpointerOf } from '../../support/snapshot-ledger.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

// A thread runs what was built.
const BUILT = new URL('../../../dist/daemon/snapshot-thread.js', import.meta.url).href;

const files = nodeFiles();
const clock = new StillClock();
let directory: string;
let events: LedgerEvent[];

beforeEach(async () => {
  events = [];
  directory = join(temporaryDirectory(), 'ledger');
  const first = { ...genesis(), publicKey: addressOf('ledger') };
  await createLedger({ directory, files, clock, genesis: [first, policy()] });
});

function open(): Promise<Ledger> {
  const report = (event: LedgerEvent): number => events.push(event);
  return openLedger({ directory, files, clock, segmentBytes: 4 << 20, fromSnapshot: true, report });
}

async function grow(ledger: Ledger, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1000) {
    const bodies = Array.from({ length: 1000 }, (_, n) =>
      authorization({
        message: Buffer.from(`message ${String(done + n)}`).toString('base64'),
        effects: [{ debits: [{ asset: 'SOL', amount: '5', destination: `account ${String(n % 50)}` }] }],
      }),
    );
    const { written } = await ledger.transact(() => ({ entries: bodies, result: null }));
    await ledger.transact(() => ({
      entries: written.map(({ sequence }) => signature(sequence)),
      result: null,
    }));
  }
}

it('a ledger of 50,000 entries starts from a snapshot that another thread made and confirms', async () => {
  const { SnapshotThread } = (await import(BUILT)) as typeof Built;
  const work = new SnapshotThread(directory);
  const ledger = await open();
  await grow(ledger, 25_000);
  const background = new Snapshots({ ledger, files, directory, work, opened: null });
  expect(await background.step()).toBe('made');
  expect(await background.step()).toBe('nothing');
  await (await checkpointerOf(ledger, { directory, files, clock })).make();
  const root = ledger.state.root();
  const spent = ledger.state.spent(KEY, 'SOL', '1h', clock.now);
  expect(spent).toBe(125_000n);
  await ledger.close();

  const segments = (await readdir(directory)).filter((name) => name.endsWith('.ledger')).sort();
  const [newest] = await listSnapshots(files, directory);
  expect(newest?.size).toBe(Number(segments.at(-1)?.slice(0, 12)));
  const again = await open();
  expect(events).toEqual([{ type: 'restored', ...newest }]);
  expect(again.state.size).toBeGreaterThan(50_000);
  expect(again.state.root()).toBe(root);
  expect(again.state.spent(KEY, 'SOL', '1h', clock.now)).toBe(spent);
  const confirming = new Snapshots({ ledger: again, files, directory, work, opened: newest! });
  expect(await confirming.step()).toBe('confirmed');
  expect(again.state.freezes()).toEqual([]);
  await again.close();
});
