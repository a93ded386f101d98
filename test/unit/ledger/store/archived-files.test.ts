import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rootOf } from '../../../../src/ledger/anchors/root-of.js';
import { withArchives } from '../../../../src/ledger/store/archived-files.js';
import { replay } from '../../../../src/ledger/store/replay.js';
import { nodeFiles } from '../../../../src/os/files.js';
import { KEY } from '../../../support/ledger-bodies.js';
import { grow, idOf, SnapshotLedger } from '../../../support/snapshot-ledger.js';

let rig: SnapshotLedger;
let name: string;
let archive: string;

beforeEach(async () => {
  rig = await SnapshotLedger.make();
  name = await rig.withSnapshot();
  archive = join(rig.directory, '..', 'archive');
  mkdirSync(archive);
  rig.files = withArchives(nodeFiles(), rig.directory, [join(rig.directory, '..', 'not-mounted'), archive]);
});
afterEach(() => {
  rig.remove();
});

/** Moves the segments before the snapshot away. */
function moveAway(): string[] {
  const old = rig.segments().filter((segment) => Number(segment.slice(0, 12)) < idOf(name).size);
  for (const segment of old) renameSync(join(rig.directory, segment), join(archive, segment));
  return old;
}

it('archived segments are read where they are: by a start, by the check behind it, and by a whole fold', async () => {
  const before = await replay(nodeFiles(), rig.directory);
  const known = { size: before.fold.size, root: before.fold.root() };
  const oldRoot = await rootOf(nodeFiles(), rig.directory, 10, known);
  expect(moveAway().length).toBeGreaterThan(1);
  const { fold, whole } = await rig.reopened();
  expect(rig.events).toEqual([{ type: 'restored', ...idOf(name) }]);
  expect(fold.equals(whole)).toBe(true);
  expect(await rootOf(rig.files, rig.directory, 10, known)).toBe(oldRoot);
  const ledger = await rig.open();
  const background = rig.snapshots(ledger, idOf(name));
  expect(await background.step()).toBe('confirmed');
  // It goes on in the directory.
  const there = rig.segments().length;
  await grow(ledger, 400);
  expect(await background.step()).toBe('made');
  expect(rig.segments().length).toBeGreaterThan(there);
  await ledger.close();
});

it('without word of the archive the daemon does not start, and nothing is frozen', async () => {
  moveAway();
  rig.files = nodeFiles();
  await expect(rig.open()).rejects.toMatchObject({
    code: 'LEDGER_DAMAGED',
    message: expect.stringMatching(/the segment 000000000000.ledger is missing/) as string,
  });
});

it('a segment missing between the genesis and the snapshot freezes every key', async () => {
  const [, second] = moveAway();
  rmSync(join(archive, second!));
  const ledger = await rig.open();
  expect(await rig.snapshots(ledger, idOf(name)).step()).toBe('frozen');
  expect(ledger.state.frozen(KEY)?.reason).toMatch(/^LEDGER_DAMAGED: .* is missing or too short/);
  await ledger.close();
});

it('an archived segment with a flipped bit freezes every key', async () => {
  const [, second] = moveAway();
  const bytes = readFileSync(join(archive, second!));
  bytes[1000]! ^= 1;
  writeFileSync(join(archive, second!), bytes);
  const ledger = await rig.open();
  expect(await rig.snapshots(ledger, idOf(name)).step()).toBe('frozen');
  await ledger.close();
});

it('a copy in the archive counts only once the original is gone', async () => {
  const [first] = rig.segments();
  cpSync(join(rig.directory, first!), join(archive, first!));
  writeFileSync(join(archive, first!), 'half a copy');
  const { fold, whole } = await rig.reopened();
  expect(fold.equals(whole)).toBe(true);
});
