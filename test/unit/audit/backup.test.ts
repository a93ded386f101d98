import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { backUpLedger, type BackupReport } from '../../../src/audit/backup/back-up-ledger.js';
import { verifyLedger } from '../../../src/audit/verify.js';
import { checkpointOf } from '../../support/audit/checkpoint.js';
import { LedgerWriter } from '../../support/audit/ledger-writer.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { SmallDisk } from '../../support/disk/small-disk.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const { lines } = soundLedger(20);
const PER_SEGMENT = 16;
let root: string;
let directory: string;
let to: string;

/** The ledger as it stands with so many entries. */
function grown(entries: number, covered = entries): void {
  rmSync(directory, { recursive: true, force: true });
  const ledger = new LedgerWriter();
  ledger.lines.push(...lines.slice(0, entries));
  ledger.write(directory, PER_SEGMENT);
  if (covered > 0) writeFileSync(join(directory, 'checkpoint'), checkpointOf(lines.slice(0, covered)));
}

const backUp = (): Promise<BackupReport> => backUpLedger({ directory, to });
const copied = (): string =>
  readdirSync(to)
    .filter((name) => name.endsWith('.ledger'))
    .sort()
    .map((name) => readFileSync(join(to, name), 'utf8'))
    .join('');

beforeEach(() => {
  root = temporaryDirectory();
  directory = join(root, 'ledger');
  to = join(root, 'copy');
});

describe('backUpLedger', () => {
  it('makes a copy that verifies, and only adds to it afterwards', async () => {
    grown(20, 18);
    expect(await backUp()).toMatchObject({ entries: 20, segments: 2, head: lines[19]!.slice(0, 64) });
    expect(copied()).toBe(lines.slice(0, 20).join(''));
    expect(await verifyLedger({ directory: to })).toMatchObject({ sound: true, checkpoints: { met: 1 } });
    expect(await backUp()).toMatchObject({ bytesWritten: 0 });
    grown(lines.length);
    const added = lines.slice(20).join('').length;
    expect(await backUp()).toMatchObject({ entries: lines.length, bytesWritten: added });
    expect(copied()).toBe(lines.join(''));
    expect(await verifyLedger({ directory: to })).toMatchObject({ sound: true, checkpoints: { met: 1 } });
  });

  it('leaves out space that is reserved and a write in progress', async () => {
    grown(20);
    const last = join(directory, '000000000016.ledger');
    appendFileSync(last, lines[20]!.slice(0, 100));
    truncateSync(last, 1 << 20);
    expect(await backUp()).toMatchObject({ entries: 20 });
    expect(copied()).toBe(lines.slice(0, 20).join(''));
  });

  it('goes on where it was broken off', async () => {
    grown(lines.length);
    await backUp();
    const names = readdirSync(to)
      .filter((name) => name.endsWith('.ledger'))
      .sort();
    rmSync(join(to, names.at(-1)!));
    truncateSync(join(to, names.at(-2)!), 1000);
    rmSync(join(to, 'checkpoint'));
    const [blob] = readdirSync(join(to, 'blobs'));
    writeFileSync(join(to, 'blobs', blob!), 'half');
    await backUp();
    expect(copied()).toBe(lines.join(''));
    expect((await verifyLedger({ directory: to })).sound).toBe(true);
  });

  it('says when the disk of the copy is full, and goes on there when it has room', async (context) => {
    grown(lines.length);
    const disk = SmallDisk.tmpfs(to, 24);
    try {
      if (disk.refused !== null) context.skip(`this process may not mount (${disk.refused})`);
      const error = await rejected(backUp());
      expect(error).toMatchObject({ code: 'FILE_UNREADABLE', message: `cannot write the copy in ${to}` });
      expect(error.hint).toContain('make room');
      disk.grow(4096);
      await backUp();
      expect(copied()).toBe(lines.join(''));
      expect((await verifyLedger({ directory: to })).sound).toBe(true);
    } finally {
      disk.remove();
    }
  });

  it('does not write over a longer, a changed or another ledger', async () => {
    grown(lines.length);
    await backUp();
    const kept = join(root, 'kept');
    cpSync(to, kept, { recursive: true });
    // An older copy was restored: within a segment, and by whole ones.
    for (const entries of [lines.length - 1, 16]) {
      grown(entries);
      expect(await rejected(backUp())).toMatchObject({ code: 'LEDGER_DAMAGED' });
    }
    // The copy is of another history.
    grown(lines.length);
    const first = join(to, '000000000000.ledger');
    const bytes = readFileSync(first);
    bytes[200] = bytes[200]! ^ 1;
    writeFileSync(first, bytes);
    const error = await rejected(backUp());
    expect(error).toMatchObject({ code: 'LEDGER_DAMAGED' });
    expect((error as Error).message).toContain('000000000000.ledger differs');
    expect(readFileSync(first)).toEqual(bytes);
    expect(statSync(join(to, 'checkpoint')).size).toBe(statSync(join(kept, 'checkpoint')).size);
  });

  it('gives up where the directory of the copy cannot be made, as under /proc', async () => {
    grown(20);
    to = '/proc/chancery';
    await expect(backUp()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('copies no damage: not of an entry, a blob or a checkpoint', async () => {
    grown(20, 18);
    await backUp();
    const before = readFileSync(join(to, 'checkpoint'), 'utf8');
    writeFileSync(join(directory, 'checkpoint'), 'nothing\n');
    expect(await rejected(backUp())).toMatchObject({ code: 'LEDGER_DAMAGED' });
    writeFileSync(join(directory, 'checkpoint'), checkpointOf(lines));
    expect(await rejected(backUp())).toMatchObject({ code: 'LEDGER_DAMAGED' });
    // One that covers less than what the copy has already.
    writeFileSync(join(directory, 'checkpoint'), checkpointOf(lines.slice(0, 3)));
    await backUp();
    expect(readFileSync(join(to, 'checkpoint'), 'utf8')).toBe(before);
    const segment = join(directory, '000000000000.ledger');
    const bytes = readFileSync(segment);
    bytes[200] = bytes[200]! ^ 1;
    writeFileSync(segment, bytes);
    rmSync(to, { recursive: true });
    expect(await rejected(backUp())).toMatchObject({ code: 'LEDGER_DAMAGED' });
    expect(readdirSync(root)).not.toContain('copy');
    grown(20);
    const [blob] = readdirSync(join(directory, 'blobs'));
    writeFileSync(join(directory, 'blobs', blob!), 'other bytes');
    expect(await rejected(backUp())).toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  it.each([
    ['000000000000.ledger', 'FILE_UNREADABLE'],
    ['checkpoint.part', 'ENXIO'],
  ])('waits for no pipe that lies where it writes (%s)', async (name, code) => {
    grown(20);
    mkdirSync(to);
    execFileSync('mkfifo', [join(to, name)]);
    await expect(backUp()).rejects.toMatchObject({ code });
  });

  it('does not copy a ledger onto itself', async () => {
    grown(20);
    expect(await rejected(backUpLedger({ directory, to: directory }))).toMatchObject({ code: 'USAGE' });
  });

  it('does not copy a ledger into itself, also through a link, and makes no directory there', async () => {
    grown(20);
    symlinkSync(directory, join(root, 'link'));
    const before = readdirSync(directory);
    for (const inside of [join(directory, 'copy'), join(root, 'link', 'deep', 'copy')]) {
      expect(await rejected(backUpLedger({ directory, to: inside }))).toMatchObject({ code: 'USAGE' });
    }
    expect(readdirSync(directory)).toEqual(before);
    // Beside it, with a name that begins like the ledger's.
    expect(await backUpLedger({ directory, to: `${directory}-copy` })).toMatchObject({ entries: 20 });
  });
});
