import { describe, expect, it, vi } from 'vitest';
import { ChanceryError } from '../../../../src/core/errors.js';
import type { Anchor, AnchorReading } from '../../../../src/ledger/anchors/anchor.js';
import { Anchors } from '../../../../src/ledger/anchors/anchors.js';
import { fileAnchor } from '../../../../src/ledger/anchors/file-anchor.js';
import { rootOf } from '../../../../src/ledger/anchors/root-of.js';
import { tokenAnchor, type TokenObjects } from '../../../../src/ledger/anchors/token-anchor.js';
import type { Checkpointer } from '../../../../src/ledger/checkpoint/checkpointer.js';
import type { StatementBody } from '../../../../src/ledger/entries.js';
import type { Ledger } from '../../../../src/ledger/ledger.js';
import {
  checkpointerOn,
  DIRECTORY,
  grow,
  ledgerKey,
  newDisk,
  openOn,
} from '../../../support/checkpoint-rig.js';
import { authorization, envelope, KEY, statementId } from '../../../support/ledger-bodies.js';
import { StillClock } from '../../../support/ledger-clock.js';
import { MemoryDisk } from '../../../support/ledger-disk.js';

const LAG = 60_000;

/** Data objects of a token in memory. */
class FakeToken implements TokenObjects {
  readonly pinned = 'the only one';
  objects: Uint8Array[] = [];
  broken = false;
  /** Dies between the new object and the removal of the old. */
  dies = false;

  async readObjects(): Promise<readonly Uint8Array[]> {
    await Promise.resolve();
    if (this.broken) throw new ChanceryError('HSM_UNAVAILABLE', 'the token is away');
    return this.objects;
  }

  async replaceObjects(_name: string, value: Uint8Array): Promise<void> {
    await this.readObjects();
    this.objects = this.dies ? [...this.objects, value] : [value];
  }
}

/** Everything that outlives a process. */
interface World {
  disk: MemoryDisk;
  readonly elsewhere: MemoryDisk;
  token: FakeToken;
  readonly clock: StillClock;
}

interface Running {
  readonly ledger: Ledger;
  readonly anchors: Anchors;
  readonly checkpointer: Checkpointer;
  readonly turn: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function newWorld(): Promise<World> {
  const clock = new StillClock();
  const elsewhere = new MemoryDisk();
  elsewhere.directories.add('/anchor');
  return { disk: await newDisk(clock), elsewhere, token: new FakeToken(), clock };
}

async function start(
  world: World,
  kinds: readonly ('file' | 'token')[] = ['file', 'token'],
): Promise<Running> {
  const { disk, clock } = world;
  const ledger = await openOn(disk, clock);
  const made: Anchor[] = kinds.map((kind) =>
    kind === 'file'
      ? fileAnchor(world.elsewhere, '/anchor/checkpoint', LAG, ledgerKey())
      : tokenAnchor(world.token, 'main', LAG, ledgerKey()),
  );
  const anchors = await Anchors.open({
    ledger,
    clock,
    required: () => made,
    rootAt: async (size) => {
      const known = { size: ledger.state.size, root: ledger.state.root() };
      await ledger.durable();
      return rootOf(disk, DIRECTORY, size, known);
    },
  });
  const checkpointer = await checkpointerOn(ledger, disk, {
    clock,
    published: (checkpoint, taken) => {
      anchors.publish(checkpoint, taken);
    },
  });
  const turn = async (): Promise<void> => {
    await anchors.refresh();
    if (anchors.rollback === null && checkpointer.behind) await checkpointer.make();
    anchors.catchUp(checkpointer.newest);
    await anchors.settled();
  };
  return { ledger, anchors, checkpointer, turn, stop: () => ledger.close() };
}

function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  for (const content of disk.contents) copy.contents.push({ bytes: Buffer.from(content.bytes) });
  for (const [name, file] of disk.names) copy.names.set(name, file);
  for (const directory of disk.directories) copy.directories.add(directory);
  return copy;
}

const signed = (ledger: Ledger, count = 1): Promise<void> => grow(ledger, count, authorization());

function acceptance(found: { readonly contradicted: NonNullable<StatementBody['voided']> }): StatementBody {
  const id = statementId(900);
  return {
    type: 'statement',
    kind: 'accept-rollback',
    id,
    authorities: ['alice'],
    statement: envelope({ type: 'accept-rollback/v1', id }),
    voided: found.contradicted,
  };
}

describe('Anchors', () => {
  it('I10: one that fails in a way nobody expected is told of, and ends no process', async () => {
    const { disk, clock } = await newWorld();
    const ledger = await openOn(disk, clock);
    let broken = false;
    const odd: Anchor = {
      id: 'odd',
      name: 'witnesses',
      lag: LAG,
      read: () => (broken ? Promise.reject(new Error('EACCES')) : Promise.resolve([])),
    };
    const root = ledger.state.root();
    const anchors = await Anchors.open({
      ledger,
      clock,
      required: () => [odd],
      rootAt: () => Promise.resolve(root),
    });
    broken = true;
    anchors.publish({ size: ledger.state.size, root, note: '' }, clock.now);
    await anchors.settled();
    expect(anchors.ailments()).toEqual([
      {
        message: 'the anchor witnesses holds no checkpoint yet: the anchor witnesses failed',
        stopsSigning: true,
      },
    ]);
  });

  it('I10: one that was compared and cannot be read later is told of, and holds up no other', async () => {
    const world = await newWorld();
    const ledger = await openOn(world.disk, world.clock);
    let broken: Error | null = null;
    let seen: readonly AnchorReading[] = [];
    const witness: Anchor = {
      id: 'witnesses',
      name: 'witnesses',
      lag: LAG,
      read: () => (broken === null ? Promise.resolve(seen) : Promise.reject(broken)),
    };
    const file = fileAnchor(world.elsewhere, '/anchor/checkpoint', LAG, ledgerKey());
    const anchors = await Anchors.open({
      ledger,
      clock: world.clock,
      required: () => [witness, file],
      rootAt: () => Promise.resolve(ledger.state.root()),
    });
    const publish = async (): Promise<void> => {
      await anchors.refresh();
      anchors.publish({ size: ledger.state.size, root: ledger.state.root(), note: '' }, world.clock.now);
      await anchors.settled();
    };
    await publish();
    const checkpoint = { size: ledger.state.size, root: ledger.state.root(), note: '' };
    seen = [{ checkpoint, witnessed: world.clock.now }];
    await publish();
    expect(anchors.stops()).toBeNull();
    for (const error of [
      new Error('EMFILE'),
      new ChanceryError('LEDGER_UNAVAILABLE', 'it does not answer'),
    ]) {
      broken = error;
      await signed(ledger);
      await publish();
      expect(anchors.stops()).toBeNull();
      expect(anchors.rollback).toBeNull();
      expect(anchors.ailments()).toEqual([
        {
          message: error instanceof ChanceryError ? error.message : 'the anchor witnesses failed',
          stopsSigning: false,
        },
      ]);
    }
    world.clock.now += LAG + 1;
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
    broken = null;
    await publish();
    expect(anchors.ailments().map(({ message }) => message)).toEqual([
      'the anchor witnesses has not followed the ledger for 1m',
    ]);
  });

  it('I10: one that a new policy names and that cannot be read is no rollback: nothing is signed until it can', async () => {
    const world = await newWorld();
    const ledger = await openOn(world.disk, world.clock);
    const absent = fileAnchor(world.elsewhere, '/typo/checkpoint', LAG, ledgerKey());
    let required: readonly Anchor[] = [];
    const anchors = await Anchors.open({
      ledger,
      clock: world.clock,
      required: () => required,
      rootAt: () => Promise.resolve(ledger.state.root()),
    });
    expect(anchors.stops()).toBeNull();
    required = [absent];
    const publish = async (): Promise<void> => {
      await anchors.refresh();
      anchors.publish({ size: ledger.state.size, root: ledger.state.root(), note: 'note' }, world.clock.now);
      await anchors.settled();
    };
    await publish();
    // The policy that corrects it must be accepted.
    expect(anchors.rollback).toBeNull();
    expect(anchors.ailments()).toEqual([
      {
        message:
          'the anchor file /typo/checkpoint holds no checkpoint yet: the anchor file /typo/checkpoint has no directory',
        stopsSigning: true,
      },
    ]);
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
    world.elsewhere.directories.add('/typo');
    await publish();
    expect(anchors.stops()).toBeNull();
    expect(world.elsewhere.bytesOf('/typo/checkpoint').toString()).toBe('note');
  });

  it('lets nothing be signed before each holds a checkpoint, and brings it there', async () => {
    const world = await newWorld();
    const { anchors, turn } = await start(world);
    expect(anchors.rollback).toBeNull();
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
    await turn();
    expect(anchors.stops()).toBeNull();
    expect(world.elsewhere.bytesOf('/anchor/checkpoint').toString()).toBe(
      Buffer.from(world.token.objects[0]!).toString(),
    );
  });

  it('finds an unbroken ledger unbroken at the next start, however far the anchors lag', async () => {
    const world = await newWorld();
    const first = await start(world);
    await first.turn();
    await signed(first.ledger, 3);
    await first.stop();
    const second = await start(world);
    expect(second.anchors.rollback).toBeNull();
    expect(second.anchors.stops()).toBeNull();
  });

  it.each(['file', 'token'] as const)(
    'a restored older directory is refused because of the %s',
    async (kind) => {
      const world = await newWorld();
      const first = await start(world, [kind]);
      await first.turn();
      await signed(first.ledger);
      await first.stop();
      const backup = copyOf(world.disk);
      const second = await start(world, [kind]);
      await signed(second.ledger, 5);
      await second.turn();
      await second.stop();
      world.disk = backup;
      const third = await start(world, [kind]);
      expect(third.anchors.rollback).toMatchObject({ size: 4, root: third.ledger.state.root() });
      expect(third.anchors.rollback?.reasons).toHaveLength(1);
      expect(third.anchors.rollback?.reasons[0]).toMatch(
        /holds a checkpoint of \d+ entries, the ledger has 4/,
      );
      expect(third.anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
      expect(
        third.anchors
          .ailments()
          .map(({ message }) => message)
          .join(),
      ).toContain('accept exactly this one');
      const before = Buffer.from(world.token.objects[0] ?? world.elsewhere.bytesOf('/anchor/checkpoint'));
      await third.turn();
      // An anchor that stands against the ledger is never written over.
      expect(Buffer.from(world.token.objects[0] ?? world.elsewhere.bytesOf('/anchor/checkpoint'))).toEqual(
        before,
      );
    },
  );

  it('a restored directory that grew again beyond the anchor is refused by its root', async () => {
    const world = await newWorld();
    const first = await start(world);
    await first.turn();
    await first.stop();
    const backup = copyOf(world.disk);
    const second = await start(world);
    await signed(second.ledger, 2);
    await second.turn();
    await second.stop();
    world.disk = backup;
    const forged = await openOn(world.disk, world.clock);
    await grow(forged, 9);
    await forged.close();
    const third = await start(world);
    expect(third.anchors.rollback?.reasons.join()).toMatch(/another root for \d+ entries/);
  });

  it('a restored older token is noticed by nobody but the other anchors, and loses nothing', async () => {
    const world = await newWorld();
    const first = await start(world);
    await first.turn();
    const old = world.token.objects;
    await signed(first.ledger, 4);
    await first.turn();
    await first.stop();
    world.token.objects = old;
    const second = await start(world);
    expect(second.anchors.rollback).toBeNull();
    await second.turn();
    expect(Buffer.from(world.token.objects[0]!).toString()).toBe(second.checkpointer.newest?.note);
  });

  it('directory and token restored together pass unnoticed: only an anchor outside both tells', async () => {
    const world = await newWorld();
    const first = await start(world);
    await first.turn();
    await signed(first.ledger);
    await first.turn();
    await first.stop();
    const [directory, objects] = [copyOf(world.disk), world.token.objects];
    const second = await start(world);
    await signed(second.ledger, 5);
    await second.turn();
    await second.stop();
    world.disk = directory;
    world.token.objects = objects;
    const blind = await start(world, ['token']);
    expect(blind.anchors.rollback).toBeNull();
    await blind.stop();
    const seeing = await start(world, ['token', 'file']);
    expect(seeing.anchors.rollback).not.toBeNull();
  });

  it('an anchor that was emptied or cannot be read stands against the ledger', async () => {
    const world = await newWorld();
    const first = await start(world);
    await first.turn();
    await signed(first.ledger);
    await first.stop();
    world.elsewhere.names.clear();
    const emptied = await start(world);
    expect(emptied.anchors.rollback?.reasons.join()).toMatch(/is empty, and it was not/);
    expect(emptied.anchors.rollback?.contradicted).toEqual([]);
    await emptied.stop();
    world.elsewhere.directories.clear();
    world.token.broken = true;
    const unreadable = await start(world);
    expect(unreadable.anchors.rollback?.reasons).toHaveLength(2);
    // What can be read again is asked again.
    world.token.broken = false;
    world.elsewhere.directories.add('/anchor');
    await unreadable.turn();
    expect(unreadable.anchors.rollback?.reasons).toHaveLength(1);
  });

  it('goes on when the Sovereign accepts, with windows full and attestations void, over a crash of the token too', async () => {
    const world = await newWorld();
    const first = await start(world);
    await first.turn();
    await first.stop();
    const backup = copyOf(world.disk);
    const second = await start(world);
    await signed(second.ledger, 3);
    await second.turn();
    await second.stop();
    world.disk = backup;
    const third = await start(world);
    const { rollback } = third.anchors;
    expect(rollback?.contradicted.length).toBeGreaterThan(0);
    await third.ledger.transact(() => ({ entries: [acceptance(rollback!)], result: null }));
    expect(third.anchors.rollback).toBeNull();
    expect(third.anchors.stops()).not.toBeNull();
    world.token.dies = true;
    await third.turn();
    expect(third.anchors.stops()).toBeNull();
    expect(world.token.objects).toHaveLength(2);
    await signed(third.ledger);
    await third.stop();
    world.token.dies = false;
    const fourth = await start(world);
    expect(fourth.anchors.rollback).toBeNull();
    expect(fourth.ledger.state.rollback?.sequence).toBe(rollback?.size);
    const { state } = fourth.ledger;
    expect(state.spent(KEY, 'SOL', '24h', world.clock.now)).toBe(2n ** 64n - 1n);
    expect(state.drainsTo(KEY, 'SOL', '1h', 10n, world.clock.now)).toBeGreaterThanOrEqual(
      world.clock.now + 3_600_000,
    );
    expect(state.spent(KEY, 'SOL', '1h', world.clock.now + 3_600_000)).toBe(5n);
  });

  it('one that stood against the ledger and cannot be read when that is accepted counts no more either', async () => {
    const world = await newWorld();
    const first = await start(world, ['token']);
    await first.turn();
    await first.stop();
    const backup = copyOf(world.disk);
    const second = await start(world, ['token']);
    await signed(second.ledger, 3);
    await second.turn();
    await second.stop();
    world.disk = backup;
    const third = await start(world, ['token']);
    const found = third.anchors.rollback;
    world.token.broken = true;
    await third.turn();
    expect(third.anchors.rollback).toEqual(found);
    expect(found?.contradicted.length).toBeGreaterThan(0);
    await third.ledger.transact(() => ({ entries: [acceptance(third.anchors.rollback!)], result: null }));
    await third.stop();
    world.token.broken = false;
    const fourth = await start(world, ['token']);
    expect(fourth.anchors.rollback).toBeNull();
    await fourth.stop();
  });

  it('an anchor that cannot be written stops signing when its lag has passed, and not before', async () => {
    const world = await newWorld();
    const { anchors, ledger, turn } = await start(world);
    await turn();
    world.token.broken = true;
    await signed(ledger);
    await turn();
    expect(anchors.stops()).toBeNull();
    expect(anchors.ailments()).toEqual([{ message: 'the token is away', stopsSigning: false }]);
    world.clock.now += LAG;
    expect(anchors.stops()).toBeNull();
    world.clock.now += 1;
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
    expect(anchors.ailments()[0]?.message).toMatch(
      /token main has not followed the ledger for 1m: the token is away/,
    );
    world.token.broken = false;
    await turn();
    expect(anchors.stops()).toBeNull();
  });

  it('I10: one whose write does not end is told of, long before signing stops for it', async () => {
    const { disk, clock } = await newWorld();
    const ledger = await openOn(disk, clock);
    let end = (): void => undefined;
    const write = (): Promise<void> => new Promise((resolve) => (end = resolve));
    const anchor: Anchor = {
      id: 'one',
      name: 'file /srv/c',
      lag: LAG,
      read: () => Promise.resolve([]),
      write,
    };
    const root = ledger.state.root();
    const rootAt = (): Promise<string> => Promise.resolve(root);
    const anchors = await Anchors.open({ ledger, clock, required: () => [anchor], rootAt });
    const publish = (): void => {
      anchors.publish({ size: ledger.state.size, root, note: '' }, clock.now);
    };
    publish();
    await vi.waitFor(() => {
      end();
      expect(anchors.stops()).toBeNull();
    });
    await anchors.settled();
    publish();
    expect(anchors.ailments()).toEqual([]);
    await vi.waitFor(() => {
      clock.now += 5001;
      expect(anchors.ailments()).toEqual([
        { message: 'the anchor file /srv/c does not answer', stopsSigning: false },
      ]);
    });
    end();
    await anchors.settled();
    expect(anchors.ailments()).toEqual([]);
  });

  it('I10: witnesses that nobody brings checkpoints to are told of when half of the lag is over', async () => {
    const { disk, clock } = await newWorld();
    const ledger = await openOn(disk, clock);
    const checkpoint = { size: ledger.state.size, root: ledger.state.root(), note: '' };
    const reading = { checkpoint, witnessed: clock.now };
    const witness: Anchor = {
      id: 'witnesses',
      name: 'witnesses',
      lag: LAG,
      read: () => Promise.resolve([reading]),
    };
    const rootAt = (): Promise<string> => Promise.resolve(checkpoint.root);
    const anchors = await Anchors.open({ ledger, clock, required: () => [witness], rootAt });
    clock.now += 10 * LAG;
    expect(anchors.ailments()).toEqual([]);
    await signed(ledger);
    expect(anchors.ailments()).toEqual([]);
    clock.now += LAG / 2 + 1;
    expect(anchors.stops()).toBeNull();
    expect(anchors.ailments()).toEqual([
      {
        message: 'the anchor witnesses does not follow the ledger: signing stops when it has not for 1m',
        stopsSigning: false,
      },
    ]);
  });

  it('an idle ledger is never behind', async () => {
    const world = await newWorld();
    const { anchors, turn } = await start(world);
    await turn();
    world.clock.now += 100 * LAG;
    expect(anchors.stops()).toBeNull();
  });
});
