import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryLine } from '../../../../src/ledger/entry-text.js';
import { snapshotFault } from '../../../../src/ledger/snapshot/fold-to.js';
import { snapshotText } from '../../../../src/ledger/snapshot/snapshot-text.js';
import type { FoldProgress } from '../../../../src/ledger/store/replay.js';
import { replayFromSnapshot } from '../../../../src/ledger/store/replay-from-snapshot.js';
import { KEY } from '../../../support/ledger-bodies.js';
import { grow, idOf, SnapshotLedger } from '../../../support/snapshot-ledger.js';

let rig: SnapshotLedger;

beforeEach(async () => {
  rig = await SnapshotLedger.make();
});
afterEach(() => {
  rig.remove();
});

/** Another hexadecimal digit. */
function other(digit: string): string {
  return digit === '0' ? '1' : '0';
}

/** Changes the first entry that holds `text`, and hashes and chains it and what follows in these segments again. */
function rewrite(names: readonly string[], text: string, change: (entry: string) => string): void {
  let previous: string | null = null;
  for (const path of names.map((name) => join(rig.directory, name))) {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const changed = lines.map((line) => {
      if (previous === null && !line.includes(text)) return line;
      const entry: string = line.slice(65);
      const made = entryLine(
        previous === null ? change(entry) : entry.replace(/(?<="previous":")\w+/, previous),
      );
      previous = made.toString('utf8', 0, 64);
      return made.toString().trimEnd();
    });
    writeFileSync(path, `${changed.join('\n')}\n`);
  }
}

function withoutCounts(entry: string): string {
  return entry.replace(/"counted":\[.*?\],/, '');
}

describe('a start from a snapshot', () => {
  it('folds the tail alone, and is the fold of every entry', async () => {
    const name = await rig.withSnapshot();
    const { fold, whole } = await rig.reopened();
    expect(rig.events).toEqual([{ type: 'restored', ...idOf(name) }]);
    expect(idOf(name).size).toBeGreaterThan(100);
    expect(fold.equals(whole)).toBe(true);
    // Of what stands before it only the genesis is read.
    const first = join(rig.directory, '000000000000.ledger');
    const bytes = readFileSync(first);
    writeFileSync(first, bytes.subarray(0, bytes.indexOf(10) + 1));
    const again = await replayFromSnapshot(rig.files, rig.directory, () => undefined);
    expect(snapshotText(again.fold).equals(whole)).toBe(true);
  });

  it('goes on writing, and makes the next snapshot from this one', async () => {
    const name = await rig.withSnapshot();
    const ledger = await rig.open();
    const made = rig.snapshots(ledger, idOf(name));
    expect(await made.step()).toBe('confirmed');
    expect(await made.step()).toBe('made');
    expect(await made.step()).toBe('nothing');
    await grow(ledger, 400);
    expect(await made.step()).toBe('made');
    expect(rig.names()).toHaveLength(2);
    const newest = idOf(rig.names()[1]!);
    expect(await snapshotFault(rig.files, rig.directory, newest)).toBeNull();
    expect(rig.names()).not.toContain(name);
    await ledger.close();
  });
});

describe('a start says how far it is', () => {
  it('over the tail from a snapshot, over everything without one', async () => {
    const name = await rig.withSnapshot();
    const told = async (): Promise<FoldProgress[]> => {
      const steps: FoldProgress[] = [];
      await replayFromSnapshot(
        rig.files,
        rig.directory,
        () => undefined,
        (step) => steps.push(step),
      );
      return steps;
    };
    const tail = await told();
    rmSync(rig.folder, { recursive: true });
    const whole = await told();
    expect(whole.length).toBe(tail.length + idOf(name).size);
    for (const steps of [tail, whole]) {
      expect(steps.map(({ entries }) => entries)).toEqual(steps.map((_, index) => index + 1));
      const last = steps.at(-1)!;
      expect(last.bytes).toBeGreaterThan(0);
      expect(last.bytes).toBeLessThanOrEqual(last.totalBytes);
    }
    const lengths = rig.segments().map((segment) => readFileSync(join(rig.directory, segment)).length);
    expect(whole[0]!.totalBytes).toBe(lengths.reduce((sum, length) => sum + length, 0));
  });
});

describe('a snapshot that is no good is ignored, said, and every entry folded', () => {
  it('when there is none', async () => {
    await rig.withSnapshot();
    rmSync(rig.folder, { recursive: true });
    const { fold, whole } = await rig.reopened();
    expect(rig.events).toEqual([]);
    expect(fold.equals(whole)).toBe(true);
  });

  it.each<[string, (name: string) => unknown, string]>([
    [
      'a flipped bit',
      (name) => {
        const bytes = readFileSync(join(rig.folder, name));
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(join(rig.folder, name), bytes);
      },
      'its bytes do not hash to its name',
    ],
    [
      'one torn in its middle',
      (name) => {
        const bytes = readFileSync(join(rig.folder, name));
        writeFileSync(join(rig.folder, name), bytes.subarray(0, bytes.length >> 1));
      },
      'its bytes do not hash to its name',
    ],
    [
      'an empty one',
      (name) => {
        writeFileSync(join(rig.folder, name), '');
      },
      'its bytes do not hash to its name',
    ],
    [
      'one that no entry names',
      (name) =>
        rig.forge(name, (text) =>
          text.replace('"authorizedUnderPolicy":true', '"authorizedUnderPolicy":false'),
        ),
      'no entry under the checkpoint names it',
    ],
    [
      'one newer than the ledger',
      (name) => {
        renameSync(join(rig.folder, name), join(rig.folder, `999999999999${name.slice(12)}`));
      },
      'no checkpoint covers it',
    ],
    [
      'one whose name lies about its size',
      (name) => {
        renameSync(join(rig.folder, name), join(rig.folder, `000000000000${name.slice(12)}`));
      },
      'it cannot be read by this version',
    ],
    [
      'no checkpoint',
      () => {
        rmSync(join(rig.directory, 'checkpoint'));
      },
      'no checkpoint covers it',
    ],
    [
      'a segment lost after it',
      (name) => {
        renameSync(join(rig.directory, `${name.slice(0, 12)}.ledger`), join(rig.directory, 'aside'));
      },
      'no segment begins where it ends',
    ],
  ])('%s', async (_name, spoil, reason) => {
    spoil(await rig.withSnapshot());
    if (existsSync(join(rig.directory, 'aside'))) {
      await expect(rig.reopened()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    } else {
      const { fold, whole } = await rig.reopened();
      expect(fold.equals(whole)).toBe(true);
    }
    expect(rig.events).toMatchObject([{ type: 'snapshot_ignored', reason }]);
  });

  it('one of another version, though the ledger vouches for it', async () => {
    const forged = rig.forge(await rig.withSnapshot(), (text) =>
      text.replace(/"version":\d+/, '"version":1'),
    );
    await rig.vouch(forged);
    const { fold, whole } = await rig.reopened();
    expect(rig.events).toMatchObject([
      { type: 'snapshot_ignored', reason: 'it cannot be read by this version' },
    ]);
    expect(fold.equals(whole)).toBe(true);
  });

  it('one whose tree is not that of the entries, though the ledger vouches for it', async () => {
    const forged = rig.forge(await rig.withSnapshot(), (text) =>
      text.replace(/("subtrees":\[")(\d|[a-f])/, (_, before: string, digit: string) => before + other(digit)),
    );
    await rig.vouch(forged);
    const { fold, whole } = await rig.reopened();
    expect(rig.events).toMatchObject([
      { type: 'snapshot_ignored', reason: expect.stringMatching(/another root at its size/) as string },
    ]);
    expect(fold.equals(whole)).toBe(true);
  });

  it('one whose last entry is another, though the ledger vouches for it', async () => {
    const forged = rig.forge(await rig.withSnapshot(), (text) =>
      text.replace(/("head":")(\d|[a-f])/, (_, before: string, digit: string) => before + other(digit)),
    );
    await rig.vouch(forged);
    const { fold, whole } = await rig.reopened();
    expect(rig.events).toMatchObject([
      { type: 'snapshot_ignored', reason: expect.stringMatching(/does not name the hash/) as string },
    ]);
    expect(fold.equals(whole)).toBe(true);
  });

  it('one of a history that was given up, also when the ledger vouches for it', async () => {
    const name = await rig.withSnapshot();
    const kept = join(rig.directory, '..', 'kept');
    cpSync(rig.directory, kept, { recursive: true });
    const lost = await rig.open();
    await grow(lost, 400, 200, 'lost');
    expect(await rig.snapshots(lost).step()).toBe('made');
    await lost.close();
    const given = rig.names().at(-1)!;
    expect(given).not.toBe(name);
    const bytes = readFileSync(join(rig.folder, given));
    // The backup is put back and goes on otherwise; a file of the other history turns up.
    rmSync(rig.directory, { recursive: true });
    renameSync(kept, rig.directory);
    rig.events.length = 0;
    const found = await rig.open();
    await grow(found, 400, 200, 'found');
    await rig.checkpoint(found);
    await found.close();
    rmSync(rig.folder, { recursive: true });
    mkdirSync(rig.folder);
    writeFileSync(join(rig.folder, given), bytes);
    await rig.vouch(given);
    rig.events.length = 0;
    const named = await rig.reopened();
    expect(rig.events).toMatchObject([
      { type: 'snapshot_ignored', reason: expect.stringMatching(/does not name the hash/) as string },
    ]);
    expect(named.fold.equals(named.whole)).toBe(true);
  });

  it('one of another ledger, with everything that stands after it', async () => {
    const stranger = await SnapshotLedger.make({ origin: 'chancery.local/stranger/0123456789abcdef' });
    try {
      const name = await stranger.withSnapshot();
      await rig.withSnapshot();
      const genesis = readFileSync(join(rig.directory, '000000000000.ledger'));
      rmSync(rig.directory, { recursive: true });
      cpSync(stranger.directory, rig.directory, { recursive: true });
      writeFileSync(join(rig.directory, '000000000000.ledger'), genesis);
      await expect(rig.reopened()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
      expect(rig.events).toMatchObject([
        { type: 'snapshot_ignored', name, reason: 'it is of another ledger' },
      ]);
    } finally {
      stranger.remove();
    }
  });

  it('one whose ledger has lost its beginning', async () => {
    const name = await rig.withSnapshot();
    rmSync(join(rig.directory, '000000000000.ledger'));
    await expect(rig.reopened()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    expect(rig.events).toMatchObject([
      { type: 'snapshot_ignored', name, reason: 'the genesis is not there' },
    ]);
  });

  it('a half-written one beside a good one is not looked at', async () => {
    const name = await rig.withSnapshot();
    const bytes = readFileSync(join(rig.folder, name));
    writeFileSync(join(rig.folder, `999999999999${name.slice(12)}.tmp`), bytes.subarray(0, 100));
    const { fold, whole } = await rig.reopened();
    expect(rig.events).toEqual([{ type: 'restored', ...idOf(name) }]);
    expect(fold.equals(whole)).toBe(true);
  });

  it('the one before goes in when the newest is torn', async () => {
    const name = await rig.withSnapshot();
    const ledger = await rig.open();
    await grow(ledger, 400);
    expect(await rig.snapshots(ledger).step()).toBe('made');
    await rig.checkpoint(ledger);
    await ledger.close();
    const newest = rig.names().at(-1)!;
    expect(newest).not.toBe(name);
    writeFileSync(join(rig.folder, newest), '{');
    rig.events.length = 0;
    const { fold, whole } = await rig.reopened();
    expect(rig.events).toMatchObject([
      { type: 'snapshot_ignored', name: newest },
      { type: 'restored', ...idOf(name) },
    ]);
    expect(fold.equals(whole)).toBe(true);
  });

  it('damage after it is told as damage', async () => {
    await rig.withSnapshot();
    const last = readdirSync(rig.directory)
      .filter((name) => name.endsWith('.ledger'))
      .sort()
      .at(-1)!;
    const bytes = readFileSync(join(rig.directory, last));
    bytes[100]! ^= 1;
    writeFileSync(join(rig.directory, last), bytes);
    await expect(rig.reopened()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  it('an entry after it that has its hash, and not what its kind has, is told as damage', async () => {
    await rig.withSnapshot();
    rewrite([rig.segments().at(-1)!], '"type":"authorization"', withoutCounts);
    await expect(rig.reopened()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });
});

describe('the fold of every entry that follows in the background', () => {
  it('freezes every key when a false snapshot was started from', async () => {
    const name = await rig.withSnapshot();
    const forged = rig.forge(name, (text) => text.replaceAll(/"(\d+) \d{3,}"/g, '"$1 0"'));
    await rig.vouch(forged);
    const ledger = await rig.open();
    expect(rig.events).toMatchObject([{ type: 'restored' }]);
    const background = rig.snapshots(ledger, idOf(forged));
    expect(await background.step()).toBe('frozen');
    expect(ledger.state.frozen(KEY)?.reason).toMatch(
      /^LEDGER_DAMAGED: the first \d+ entries do not give the snapshot/,
    );
    expect(await background.step()).toBe('nothing');
    await ledger.close();
  });

  it('freezes every key when what stands before the snapshot is damaged', async () => {
    const name = await rig.withSnapshot();
    const path = join(rig.directory, '000000000000.ledger');
    const bytes = readFileSync(path);
    bytes[5000]! ^= 1;
    writeFileSync(path, bytes);
    const ledger = await rig.open();
    expect(rig.events).toMatchObject([{ type: 'restored' }]);
    expect(await rig.snapshots(ledger, idOf(name)).step()).toBe('frozen');
    expect(ledger.state.frozen(KEY)?.reason).toMatch(/^LEDGER_DAMAGED: entry \d+ at byte/);
    await ledger.close();
  });

  it('freezes every key when an entry before the snapshot has its hash, and not what its kind has', async () => {
    const name = await rig.withSnapshot();
    rewrite(['000000000000.ledger'], '"type":"authorization"', withoutCounts);
    const ledger = await rig.open();
    expect(rig.events).toMatchObject([{ type: 'restored' }]);
    expect(await rig.snapshots(ledger, idOf(name)).step()).toBe('frozen');
    expect(ledger.state.frozen(KEY)?.reason).toMatch(/^LEDGER_DAMAGED: entry \d+ at byte .* \(body\)/);
    await ledger.close();
  });

  it.each([
    ['a fraction', '1.5'],
    ['what is nested too deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('freezes every key when %s before the snapshot gives a state that cannot be told', async (_, reason) => {
    const first = await rig.open();
    const body = { type: 'freeze', publicKey: 'another', reason: 'drill', by: null } as const;
    await first.transact(() => ({ entries: [body], result: null }));
    await first.close();
    const id = idOf(await rig.withSnapshot());
    const before = rig.segments().filter((name) => Number(name.slice(0, 12)) < id.size);
    rewrite(before, '"type":"freeze"', (entry) => entry.replace('"drill"', reason));
    const ledger = await rig.open();
    expect(rig.events).toMatchObject([{ type: 'restored' }]);
    expect(await rig.snapshots(ledger, id).step()).toBe('frozen');
    await ledger.close();
  });
});
