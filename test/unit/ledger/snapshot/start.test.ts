import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpointer } from '../../../../src/ledger/checkpoint/checkpointer.js';
import type { EntryBody } from '../../../../src/ledger/entries.js';
import type { Ledger } from '../../../../src/ledger/ledger.js';
import { makeSnapshot, snapshotFault } from '../../../../src/ledger/snapshot/fold-to.js';
import type { SnapshotId } from '../../../../src/ledger/snapshot/snapshot-files.js';
import { Snapshots } from '../../../../src/ledger/snapshot/snapshots.js';
import { snapshotText } from '../../../../src/ledger/snapshot/snapshot-text.js';
import { createLedger } from '../../../../src/ledger/store/create.js';
import type { LedgerEvent } from '../../../../src/ledger/store/events.js';
import { openLedger } from '../../../../src/ledger/store/open.js';
import { replayFromSnapshot } from '../../../../src/ledger/store/replay-from-snapshot.js';
import { replay } from '../../../../src/ledger/store/replay.js';
import { nodeFiles } from '../../../../src/os/files.js';
import { ledgerKey, signAsLedger } from '../../../support/checkpoint-rig.js';
import { authorization, genesis, KEY, policy, signature } from '../../../support/ledger-bodies.js';
import { StillClock } from '../../../support/ledger-clock.js';
import { addressOf } from '../../../support/policy-text.js';

const files = nodeFiles();
const clock = new StillClock();
let directory: string;
let events: LedgerEvent[];

beforeEach(async () => {
  events = [];
  directory = join(await mkdtemp(join(tmpdir(), 'chancery-snapshot-')), 'ledger');
  const first = { ...genesis(), publicKey: addressOf('ledger') };
  await createLedger({ directory, files, clock, genesis: [first, policy()] });
});
afterEach(() => rm(join(directory, '..'), { recursive: true }));

const report = (event: LedgerEvent): number => events.push(event);
const open = (): Promise<Ledger> =>
  openLedger({ directory, files, clock, segmentBytes: 128 * 1024, fromSnapshot: true, report });

function snapshots(ledger: Ledger, opened: SnapshotId | null = null): Snapshots {
  const work = {
    make: (size: number, base: SnapshotId | null) => makeSnapshot(files, directory, size, base),
    fault: (id: SnapshotId) => snapshotFault(files, directory, id),
  };
  return new Snapshots({ ledger, files, directory, work, opened });
}

async function checkpoint(ledger: Ledger): Promise<void> {
  const checkpointer = await Checkpointer.resume({
    ledger,
    files,
    directory,
    clock,
    key: ledgerKey(),
    sign: (message) => Promise.resolve(signAsLedger(message)),
    refuses: () => null,
    faulty: () => Promise.resolve(),
    published: () => undefined,
  });
  await checkpointer.make();
}

/** So many authorizations with their signatures. */
async function grow(ledger: Ledger, count: number, at = 200): Promise<void> {
  for (let done = 0; done < count; done += at) {
    const bodies = Array.from({ length: at }, (_, n) =>
      authorization({
        message: Buffer.from(`message ${String(done + n)}`).toString('base64'),
        effects: [{ debits: [{ asset: 'SOL', amount: '5', destination: `account ${String(n % 50)}` }] }],
      }),
    );
    const { written } = await ledger.transact(() => ({ entries: bodies, result: null }));
    const outcomes: EntryBody[] = written.map(({ sequence }) => signature(sequence));
    await ledger.transact(() => ({ entries: outcomes, result: null }));
  }
}

const folder = (): string => join(directory, 'snapshots');
const names = (): string[] => readdirSync(folder()).sort();
const idOf = (name: string): SnapshotId => ({ size: Number(name.slice(0, 12)), sha256: name.slice(13) });

/** A closed ledger with a snapshot that a checkpoint covers, and some entries after it. */
async function withSnapshot(): Promise<string> {
  const ledger = await open();
  await grow(ledger, 400);
  expect(await snapshots(ledger).step()).toBe('made');
  await grow(ledger, 200);
  await checkpoint(ledger);
  await ledger.close();
  events = [];
  return names()[0]!;
}

async function reopened(): Promise<{ fold: Buffer; whole: Buffer }> {
  const { fold } = await replayFromSnapshot(files, directory, report);
  const whole = await replay(files, directory);
  return { fold: snapshotText(fold), whole: snapshotText(whole.fold) };
}

/** Exchanges the one snapshot for other bytes, under the name that fits them. */
function forge(name: string, change: (text: string) => string): string {
  const path = join(folder(), name);
  const bytes = Buffer.from(change(readFileSync(path, 'utf8')));
  rmSync(path);
  const forged = `${name.slice(0, 13)}${createHash('sha256').update(bytes).digest('hex')}`;
  writeFileSync(join(folder(), forged), bytes);
  return forged;
}

/** Has the ledger and its key vouch for whatever snapshot is there: what only an insider could do. */
async function vouch(name: string): Promise<void> {
  const ledger = await openLedger({ directory, files, clock, segmentBytes: 128 * 1024 });
  const { size, sha256 } = idOf(name);
  await ledger.transact(() => ({
    entries: [{ type: 'snapshot', sha256, size: String(size) }],
    result: null,
  }));
  await checkpoint(ledger);
  await ledger.close();
}

describe('a start from a snapshot', () => {
  it('folds the tail alone, and is the fold of every entry', async () => {
    const name = await withSnapshot();
    const { fold, whole } = await reopened();
    expect(events).toEqual([{ type: 'restored', ...idOf(name) }]);
    expect(idOf(name).size).toBeGreaterThan(100);
    expect(fold.equals(whole)).toBe(true);
    // Not one byte before it is read.
    rmSync(join(directory, '000000000000.ledger'));
    const again = await replayFromSnapshot(files, directory, report);
    expect(snapshotText(again.fold).equals(whole)).toBe(true);
  });

  it('goes on writing, and makes the next snapshot from this one', async () => {
    const name = await withSnapshot();
    const ledger = await open();
    const made = snapshots(ledger, idOf(name));
    expect(await made.step()).toBe('confirmed');
    expect(await made.step()).toBe('made');
    expect(await made.step()).toBe('nothing');
    await grow(ledger, 400);
    expect(await made.step()).toBe('made');
    expect(names()).toHaveLength(2);
    const newest = idOf(names()[1]!);
    expect(await snapshotFault(files, directory, newest)).toBeNull();
    expect(names()).not.toContain(name);
    await ledger.close();
  });
});

describe('a snapshot that is no good is ignored, said, and every entry folded', () => {
  it('when there is none', async () => {
    await withSnapshot();
    rmSync(folder(), { recursive: true });
    const { fold, whole } = await reopened();
    expect(events).toEqual([]);
    expect(fold.equals(whole)).toBe(true);
  });

  it.each<[string, (name: string) => unknown, string]>([
    [
      'a flipped bit',
      (name) => {
        const bytes = readFileSync(join(folder(), name));
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(join(folder(), name), bytes);
      },
      'its bytes do not hash to its name',
    ],
    [
      'one that no entry names',
      (name) =>
        forge(name, (text) => text.replace('"authorizedUnderPolicy":true', '"authorizedUnderPolicy":false')),
      'no entry under the checkpoint names it',
    ],
    [
      'one newer than the ledger',
      (name) => {
        renameSync(join(folder(), name), join(folder(), `999999999999${name.slice(12)}`));
      },
      'no checkpoint covers it',
    ],
    [
      'one whose name lies about its size',
      (name) => {
        renameSync(join(folder(), name), join(folder(), `000000000000${name.slice(12)}`));
      },
      'it cannot be read by this version',
    ],
    [
      'no checkpoint',
      () => {
        rmSync(join(directory, 'checkpoint'));
      },
      'no checkpoint covers it',
    ],
    [
      'a segment lost after it',
      (name) => {
        renameSync(join(directory, `${name.slice(0, 12)}.ledger`), join(directory, 'aside'));
      },
      'no segment begins where it ends',
    ],
  ])('%s', async (_name, spoil, reason) => {
    spoil(await withSnapshot());
    if (existsSync(join(directory, 'aside'))) {
      await expect(reopened()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    } else {
      const { fold, whole } = await reopened();
      expect(fold.equals(whole)).toBe(true);
    }
    expect(events).toMatchObject([{ type: 'snapshot_ignored', reason }]);
  });

  it('one of another version, though the ledger vouches for it', async () => {
    const forged = forge(await withSnapshot(), (text) => text.replace(/"version":\d+/, '"version":1'));
    await vouch(forged);
    const { fold, whole } = await reopened();
    expect(events).toMatchObject([{ type: 'snapshot_ignored', reason: 'it cannot be read by this version' }]);
    expect(fold.equals(whole)).toBe(true);
  });

  it('damage after it is told as damage', async () => {
    await withSnapshot();
    const last = readdirSync(directory)
      .filter((name) => name.endsWith('.ledger'))
      .sort()
      .at(-1)!;
    const bytes = readFileSync(join(directory, last));
    bytes[100]! ^= 1;
    writeFileSync(join(directory, last), bytes);
    await expect(reopened()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });
});

describe('the fold of every entry that follows in the background', () => {
  it('freezes every key when a false snapshot was started from', async () => {
    const name = await withSnapshot();
    const forged = forge(name, (text) => text.replaceAll(/"(\d+) \d{3,}"/g, '"$1 0"'));
    await vouch(forged);
    const ledger = await open();
    expect(events).toMatchObject([{ type: 'restored' }]);
    const background = snapshots(ledger, idOf(forged));
    expect(await background.step()).toBe('frozen');
    expect(ledger.state.frozen(KEY)?.reason).toMatch(
      /^LEDGER_DAMAGED: the first \d+ entries do not give the snapshot/,
    );
    expect(await background.step()).toBe('nothing');
    await ledger.close();
  });

  it('freezes every key when what stands before the snapshot is damaged', async () => {
    const name = await withSnapshot();
    const path = join(directory, '000000000000.ledger');
    const bytes = readFileSync(path);
    bytes[5000]! ^= 1;
    writeFileSync(path, bytes);
    const ledger = await open();
    expect(events).toMatchObject([{ type: 'restored' }]);
    expect(await snapshots(ledger, idOf(name)).step()).toBe('frozen');
    expect(ledger.state.frozen(KEY)?.reason).toMatch(/^LEDGER_DAMAGED: entry \d+ at byte/);
    await ledger.close();
  });
});
