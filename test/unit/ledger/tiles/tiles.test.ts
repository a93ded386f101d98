import { describe, expect, it } from 'vitest';
import type { SignedCheckpoint } from '../../../../src/ledger/checkpoint/signed-checkpoint.js';
import type { Ledger } from '../../../../src/ledger/ledger.js';
import { verifyTlogProof } from '../../../support/tlog-proof.js';
import { proveEntry } from '../../../../src/ledger/tiles/prove-entry.js';
import { Tiles } from '../../../../src/ledger/tiles/tiles.js';
import { sha256 } from '../../../../src/core/sha256.js';
import { segmentName } from '../../../../src/ledger/store/paths.js';
import { CompactRange } from '../../../../src/ledger/tree/compact-range.js';
import { tilePath } from '../../../../src/ledger/tree/tile.js';
import { tilesOf } from '../../../support/tiles.js';
import { checkpointerOn, DIRECTORY, ledgerKey, newDisk, openOn } from '../../../support/checkpoint-rig.js';
import { ORIGIN } from '../../../support/ledger-bodies.js';
import type { MemoryDisk } from '../../../support/ledger-disk.js';
import { rejected } from '../../../support/rejected.js';

async function growBy(ledger: Ledger, count: number): Promise<string[]> {
  const entries = Array.from({ length: count }, (_, at) => ({
    type: 'alert' as const,
    subject: 'test',
    detail: String(at).repeat(at % 40),
  }));
  const { written } = await ledger.transact(() => ({ entries, result: undefined }));
  return written.map(({ hash }) => hash);
}

interface Made {
  readonly disk: MemoryDisk;
  readonly ledger: Ledger;
  readonly checkpoint: SignedCheckpoint;
  /** Of the entries from sequence 2 on. */
  readonly hashes: readonly string[];
}

async function made(entries: number): Promise<Made> {
  const disk = await newDisk();
  const ledger = await openOn(disk);
  const hashes = await growBy(ledger, entries);
  const checkpoint = await (await checkpointerOn(ledger, disk)).make();
  return { disk, ledger, checkpoint, hashes };
}

const hashTiles = (disk: MemoryDisk): string[] =>
  [...disk.names.keys()].filter((name) => name.startsWith(`${DIRECTORY}/tile/`)).sort();

function fileName(disk: MemoryDisk, file: number): string {
  return [...disk.names].find(([, known]) => known === file)?.[0] ?? '';
}

async function holds(
  { hashes }: Made,
  checkpoint: SignedCheckpoint,
  tiles: Tiles,
  index: number,
): Promise<void> {
  const text = await proveEntry(tiles, checkpoint, index);
  const leaf = Buffer.from(hashes[index - 2]!, 'hex');
  expect(verifyTlogProof(text, leaf, ORIGIN, [ledgerKey()])).toMatchObject({ ok: true, index });
}

describe('Tiles', () => {
  it('lays tiles out as C2SP tlog-tiles says, over several segments', async () => {
    const { disk, checkpoint } = await made(700);
    expect([...disk.names.keys()].filter((name) => name.endsWith('.ledger')).length).toBeGreaterThan(1);
    const tiles = new Tiles(disk, DIRECTORY);
    await tiles.extend(checkpoint.size, checkpoint.root);
    expect(hashTiles(disk)).toEqual([...tilesOf(702)].map((tile) => `${DIRECTORY}/${tilePath(tile)}`).sort());
    for (const tile of tilesOf(702)) {
      expect(disk.bytesOf(`${DIRECTORY}/${tilePath(tile)}`).length).toBe(32 * tile.width);
    }
  });

  it('proves entries of the newest checkpoint and of older ones while it grows', async () => {
    const first = await made(300);
    const tiles = new Tiles(first.disk, DIRECTORY);
    for (const index of [2, 255, 256, 301]) await holds(first, first.checkpoint, tiles, index);
    const more = { ...first, hashes: [...first.hashes, ...(await growBy(first.ledger, 400))] };
    const newer = await (await checkpointerOn(first.ledger, first.disk)).make();
    for (const index of [2, 301, 302, 701]) await holds(more, newer, tiles, index);
    await holds(more, first.checkpoint, tiles, 40);
    expect(hashTiles(first.disk)).not.toContain(`${DIRECTORY}/tile/0/001.p/46`);
  });

  it('takes up full tiles after a restart and writes none of them again', async () => {
    const site = await made(700);
    await new Tiles(site.disk, DIRECTORY).extend(site.checkpoint.size, site.checkpoint.root);
    const from = site.disk.steps.length;
    const again = new Tiles(site.disk, DIRECTORY);
    await holds(site, site.checkpoint, again, 500);
    const written = site.disk.steps.slice(from).flatMap((step) => (step.op === 'rename' ? [step.to] : []));
    expect(written).toEqual([`${DIRECTORY}/tile/0/002.p/190`, `${DIRECTORY}/tile/1/000.p/2`]);
  });

  it('makes damaged, missing and foreign tiles anew instead of giving a proof that does not hold', async () => {
    const site = await made(700);
    await new Tiles(site.disk, DIRECTORY).extend(site.checkpoint.size, site.checkpoint.root);
    const full = `${DIRECTORY}/tile/0/001`;
    const good = Buffer.from(site.disk.bytesOf(full));
    site.disk.bytesOf(full)[5]! ^= 1;
    await holds(site, site.checkpoint, new Tiles(site.disk, DIRECTORY), 300);
    expect(site.disk.bytesOf(full).equals(good)).toBe(true);

    // While the daemon runs: nothing was read of it when the tiles were taken up.
    const running = new Tiles(site.disk, DIRECTORY);
    await running.extend(site.checkpoint.size, site.checkpoint.root);
    site.disk.bytesOf(full)[77]! ^= 1;
    await holds(site, site.checkpoint, running, 300);
    site.disk.names.delete(full);
    await holds(site, site.checkpoint, running, 301);
    expect(site.disk.bytesOf(full).equals(good)).toBe(true);
  });

  it('a partial tile that a power cut tore does not outlive the next start', async () => {
    const site = await made(510);
    const { disk, ledger } = site;
    await new Tiles(disk, DIRECTORY).extend(512, site.checkpoint.root);
    const left = [`${DIRECTORY}/tile/1/000.p/2`, `${DIRECTORY}/tile/1/000.p/1`];
    await (await disk.open(left[1]!, 'create')).write(Buffer.alloc(16), 0);
    disk.bytesOf(left[0]!).fill(0);
    const torn = Buffer.from(disk.bytesOf(left[0]!));
    await new Tiles(disk, DIRECTORY).extend(512, site.checkpoint.root);
    expect(hashTiles(disk)).toEqual([...tilesOf(512)].map((tile) => `${DIRECTORY}/${tilePath(tile)}`).sort());
    expect(disk.bytesOf(left[0]!).equals(torn)).toBe(false);

    await growBy(ledger, 3);
    const { size, root } = await (await checkpointerOn(ledger, disk)).make();
    await new Tiles(disk, DIRECTORY).extend(size, root);
    disk.bytesOf(`${DIRECTORY}/tile/0/002.p/3`).fill(0);
    await growBy(ledger, 1);
    const newer = await (await checkpointerOn(ledger, disk)).make();
    await new Tiles(disk, DIRECTORY).extend(newer.size, newer.root);
    expect(hashTiles(disk)).toEqual([...tilesOf(516)].map((tile) => `${DIRECTORY}/${tilePath(tile)}`).sort());
  });

  it('nor does a full one under a tile above that is full as well, and tells the true root without it', async () => {
    const disk = await newDisk();
    const tree = new CompactRange();
    const leaves = Array.from({ length: 65_600 }, (_, at) => sha256(Buffer.from(String(at))));
    for (const leaf of leaves) tree.append(leaf);
    const root = tree.root().toString('base64');
    // Of a line nothing but its hash is looked at here.
    const lines = leaves.map((leaf) => `${Buffer.from(leaf).toString('hex')} {}\n`).join('');
    disk.names.delete(`${DIRECTORY}/${segmentName(0)}`);
    await (await disk.open(`${DIRECTORY}/${segmentName(0)}`, 'create')).write(Buffer.from(lines), 0);
    await new Tiles(disk, DIRECTORY).extend(leaves.length, root);
    // Its directory entry and the tile above had reached the disk, and its bytes had not.
    const last = `${DIRECTORY}/tile/0/255`;
    const whole = Buffer.from(disk.bytesOf(last));
    disk.bytesOf(last).fill(0);
    await new Tiles(disk, DIRECTORY).extend(leaves.length, root);
    expect(disk.bytesOf(last).equals(whole)).toBe(true);
  });

  it('made anew, they have no narrower one beside them that may be what was wrong', async () => {
    const { disk, ledger, checkpoint } = await made(20);
    const tiles = new Tiles(disk, DIRECTORY);
    await tiles.extend(checkpoint.size, checkpoint.root);
    await growBy(ledger, 1);
    const { size, root } = await (await checkpointerOn(ledger, disk)).make();
    await tiles.extend(size, root);
    expect(hashTiles(disk)).toEqual([22, 23].map((width) => `${DIRECTORY}/tile/0/000.p/${String(width)}`));
    await tiles.rebuild(size, root);
    expect(hashTiles(disk)).toEqual([`${DIRECTORY}/tile/0/000.p/23`]);
  });

  it('a disk that is full for a moment, at any step, leaves no tile wrong and no proof without', async () => {
    let refused = 0;
    for (let failed = true; failed; refused++) {
      const site = await made(300);
      const tiles = new Tiles(site.disk, DIRECTORY);
      await tiles.extend(site.checkpoint.size, site.checkpoint.root);
      const hashes = [...site.hashes, ...(await growBy(site.ledger, 400))];
      const { size, root } = await (await checkpointerOn(site.ledger, site.disk)).make();
      let steps = 0;
      site.disk.fault = (step) => {
        const path = 'path' in step ? step.path : 'to' in step ? step.to : fileName(site.disk, step.file);
        if (path.includes('/tile/') && step.op !== 'remove' && steps++ === refused) throw new Error('ENOSPC');
        return null;
      };
      failed = await tiles.extend(size, root).then(
        () => false,
        () => true,
      );
      const newer = await (await checkpointerOn(site.ledger, site.disk)).make();
      for (const index of [2, 255, 256, 511, 512, 701]) await holds({ ...site, hashes }, newer, tiles, index);
      const wanted = [...tilesOf(size)].map((tile) => `${DIRECTORY}/${tilePath(tile)}`);
      expect(hashTiles(site.disk)).toEqual(expect.arrayContaining(wanted));
      expect(hashTiles(site.disk).filter((path) => !/\/\d{3}(\.p\/\d+)?(\.tmp)?$/.test(path))).toEqual([]);
    }
    expect(refused).toBeGreaterThan(8);
  });

  it('gives no proof when the lines themselves were changed under the daemon', async () => {
    const site = await made(300);
    const [segment] = [...site.disk.names.keys()].filter((name) => name.endsWith('.ledger'));
    const bytes = site.disk.bytesOf(segment!);
    bytes[0] = bytes[0] === 0x30 ? 0x31 : 0x30;
    const error = await rejected(proveEntry(new Tiles(site.disk, DIRECTORY), site.checkpoint, 40));
    expect(error.code).toBe('LEDGER_DAMAGED');
  });
});
