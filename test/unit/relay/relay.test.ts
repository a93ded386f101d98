import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Anchors } from '../../../src/ledger/anchors/anchors.js';
import { rootOf } from '../../../src/ledger/anchors/root-of.js';
import { witnessAnchor } from '../../../src/ledger/anchors/witness-anchor.js';
import type { Checkpointer } from '../../../src/ledger/checkpoint/checkpointer.js';
import { readOwnCheckpoint } from '../../../src/ledger/checkpoint/signed-checkpoint.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { noteKey } from '../../../src/ledger/note/key.js';
import { parseNote } from '../../../src/ledger/note/note.js';
import { Tiles } from '../../../src/ledger/tiles/tiles.js';
import { pubkeyBytes } from '../../../src/core/pubkey.js';
import { openRelay } from '../../../src/relay/open-relay.js';
import type { Relay } from '../../../src/relay/relay.js';
import { checkpointerOn, DIRECTORY, grow, ledgerKey, newDisk, openOn } from '../../support/checkpoint-rig.js';
import { FakeWitness } from '../../support/fake-witness.js';
import { formatVkey } from '../../support/format-vkey.js';
import { ORIGIN } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import type { MemoryDisk } from '../../support/ledger-disk.js';
import { addressOf, pubkeyOf } from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';

const vkeyOf = (name: string): string =>
  formatVkey(noteKey(`witness.test/${name}`, 'cosignature/v1', pubkeyBytes(pubkeyOf(name)))!);

const LAG = 60_000;
const FILE = `${DIRECTORY}/cosigned`;

describe('Relay', () => {
  let witnesses: FakeWitness[];
  let disk: MemoryDisk;
  let ledger: Ledger;
  let checkpointer: Checkpointer;
  let clock: StillClock;

  beforeEach(async () => {
    clock = new StillClock();
    witnesses = await Promise.all(['w1', 'w2', 'w3'].map((name) => FakeWitness.start(name, ledgerKey())));
    for (const witness of witnesses) witness.now = clock.now / 1000;
    disk = await newDisk(clock);
    ledger = await openOn(disk, clock);
    checkpointer = await checkpointerOn(ledger, disk, { clock });
  });
  afterEach(async () => {
    await Promise.all(witnesses.map((witness) => witness.stop()));
  });

  const policy = (): string =>
    [
      ...witnesses.map((witness) => witness.policyLine),
      'group all-three 2 w1 w2 w3',
      'quorum all-three',
    ].join('\n');
  const relayOn = (files: MemoryDisk): Relay =>
    openRelay({
      files,
      directory: DIRECTORY,
      origin: ORIGIN,
      ledgerKey: addressOf('ledger'),
      witnesses: policy(),
    });
  const checkpoint = async (): Promise<void> => {
    const { size, root } = await checkpointer.make();
    await new Tiles(disk, DIRECTORY).extend(size, root);
  };
  const anchored = (): Promise<Anchors> => {
    const anchor = witnessAnchor(disk, DIRECTORY, policy(), LAG, ledgerKey());
    return Anchors.open({
      ledger,
      clock,
      required: () => [anchor],
      rootAt: (size) => rootOf(disk, DIRECTORY, size, { size: ledger.state.size, root: ledger.state.root() }),
    });
  };

  it('has a quorum cosign each checkpoint, with proofs that continue what they saw', async () => {
    const relay = relayOn(disk);
    expect(await relay.round()).toEqual({ size: null, quorum: false, failures: [] });
    await checkpoint();
    expect(await relay.round()).toEqual({ size: 2, quorum: true, failures: [] });
    await grow(ledger, 300);
    await checkpoint();
    expect(await relay.round()).toEqual({ size: 302, quorum: true, failures: [] });
    expect(disk.bytesOf(FILE).toString().split('\n')[1]).toBe('302');
    expect(witnesses.map(({ answers }) => answers)).toEqual([
      [200, 200],
      [200, 200],
      [200, 200],
    ]);
    // Nothing new, nothing asked.
    await relay.round();
    expect(witnesses[0]?.answers).toHaveLength(2);
  });

  it('learns after a restart what a witness has seen', async () => {
    await checkpoint();
    await relayOn(disk).round();
    await grow(ledger, 3);
    await checkpoint();
    expect(await relayOn(disk).round()).toMatchObject({ size: 5, quorum: true });
    expect(witnesses[0]?.answers).toEqual([200, 409, 200]);
  });

  it('needs the quorum and no more, and counts no cosignature that does not verify', async () => {
    await checkpoint();
    await witnesses[0]!.stop();
    const relay = relayOn(disk);
    expect(await relay.round()).toMatchObject({
      quorum: true,
      failures: [
        { witness: 'w1', error: { code: 'TIMEOUT', message: expect.not.stringContaining('http') as string } },
      ],
    });
    await grow(ledger, 1);
    await checkpoint();
    witnesses[1]!.lies = true;
    const round = await relay.round();
    expect(round.quorum).toBe(false);
    expect(round.failures.map(({ witness, error }) => [witness, error.code]).sort()).toEqual([
      ['w1', 'TIMEOUT'],
      ['w2', 'RESPONSE_INVALID'],
    ]);
    expect(disk.bytesOf(FILE).toString().split('\n')[1]).toBe('2');
  });

  it('says so when the ledger is not the one the witnesses saw', async () => {
    await grow(ledger, 5);
    await checkpoint();
    await relayOn(disk).round();
    disk = await newDisk(clock);
    ledger = await openOn(disk, clock);
    checkpointer = await checkpointerOn(ledger, disk, { clock });
    await grow(ledger, 2);
    await checkpoint();
    const { quorum, failures } = await relayOn(disk).round();
    expect(quorum).toBe(false);
    expect(failures.map(({ error }) => error.code)).toEqual(Array(3).fill('LEDGER_UNAVAILABLE'));
    expect(failures[0]?.error.message).toMatch(/has cosigned 7 entries of another history than these 4/);
  });

  it('says so too when the other history has grown to the very size they saw, while it runs', async () => {
    const now = new Proxy(disk, {
      get: (_, name) => {
        const value: unknown = Reflect.get(disk, name);
        return typeof value === 'function' ? (value.bind(disk) as unknown) : value;
      },
    });
    await grow(ledger, 5);
    await checkpoint();
    const relay = relayOn(now);
    expect(await relay.round()).toMatchObject({ size: 7, quorum: true });
    clock.now += 1;
    disk = await newDisk(clock);
    ledger = await openOn(disk, clock);
    checkpointer = await checkpointerOn(ledger, disk, { clock });
    await grow(ledger, 5);
    await checkpoint();
    const { size, quorum, failures } = await relay.round();
    expect({ size, quorum }).toEqual({ size: 7, quorum: false });
    expect(failures).toHaveLength(3);
  });

  it('takes no witness that refuses without a reason for one that saw another history', async () => {
    await checkpoint();
    const relay = relayOn(disk);
    await relay.round();
    await grow(ledger, 3);
    await checkpoint();
    witnesses[0]!.refuses = true;
    for (const round of [await relay.round(), await relayOn(disk).round()]) {
      const told = round.failures.map(({ witness, error }) => [witness, error.code, error.message]);
      expect(told).toEqual([
        ['w1', 'RESPONSE_INVALID', expect.stringMatching(/refuses to go on from 2 entries to 5/)],
      ]);
    }
  });

  it('unreachable witnesses let signing go on up to the lag, then it stops, and goes on when they are back', async () => {
    const anchors = await anchored();
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
    const relay = relayOn(disk);
    await checkpoint();
    await relay.round();
    await anchors.refresh();
    expect(anchors.stops()).toBeNull();
    await grow(ledger, 1);
    await checkpoint();
    expect(anchors.stops()).toBeNull();
    clock.now += LAG;
    await anchors.refresh();
    expect(anchors.stops()).toBeNull();
    clock.now += 1;
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
    await relay.round();
    await anchors.refresh();
    expect(anchors.stops()).toBeNull();
  });

  it('a restart does not start the lag anew: time runs from what the witnesses last saw', async () => {
    await checkpoint();
    await relayOn(disk).round();
    await grow(ledger, 1);
    clock.now += LAG + 1000;
    expect((await anchored()).stops()?.code).toBe('LEDGER_UNAVAILABLE');
  });

  it('witnesses whose clocks are ahead do not put off the lag: after a restart it runs from then', async () => {
    for (const witness of witnesses) witness.now = clock.now;
    await checkpoint();
    expect(await relayOn(disk).round()).toMatchObject({ quorum: true });
    await grow(ledger, 1);
    const anchors = await anchored();
    expect(anchors.stops()).toBeNull();
    clock.now += LAG + 1;
    await anchors.refresh();
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
  });

  it('other witnesses of a new policy stop signing at once, until a relay that was told of them has their quorum', async () => {
    const other = await FakeWitness.start('w4', ledgerKey());
    other.now = clock.now / 1000;
    const next = `${other.policyLine}\nquorum w4`;
    let anchor = witnessAnchor(disk, DIRECTORY, policy(), LAG, ledgerKey());
    await checkpoint();
    expect((await relayOn(disk).round()).quorum).toBe(true);
    witnesses.push(other);
    const anchors = await Anchors.open({
      ledger,
      clock,
      required: () => [anchor],
      rootAt: (size) => rootOf(disk, DIRECTORY, size, { size: ledger.state.size, root: ledger.state.root() }),
    });
    expect(anchors.stops()).toBeNull();
    anchor = witnessAnchor(disk, DIRECTORY, next, LAG, ledgerKey());
    await anchors.refresh();
    expect(anchors.stops()?.code).toBe('LEDGER_UNAVAILABLE');
    const restarted = openRelay({
      files: disk,
      directory: DIRECTORY,
      origin: ORIGIN,
      ledgerKey: addressOf('ledger'),
      witnesses: next,
    });
    expect((await restarted.round()).quorum).toBe(true);
    await anchors.refresh();
    expect(anchors.stops()).toBeNull();
  });

  it('refuses more witnesses than a checkpoint has room for cosignatures, which would never be read again', async () => {
    const many = (count: number): string => {
      const names = Array.from({ length: count }, (_, index) => `many-${String(index)}`);
      const lines = names.map((name) => `witness ${name} ${vkeyOf(name)} http://127.0.0.1:9/`);
      return [...lines, `group all any ${names.join(' ')}`, 'quorum all'].join('\n');
    };
    const open = (witnesses: string) => () =>
      openRelay({
        files: disk,
        directory: DIRECTORY,
        origin: ORIGIN,
        ledgerKey: addressOf('ledger'),
        witnesses,
      });
    const error = thrown(open(many(100)));
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.message).toMatch(/line 100: more than 99 witnesses/);
    // `chancery policy check`, which the code alone would send to, reads no such file.
    expect(error.hint).toMatch(/C2SP tlog-policy/);
    expect(open(many(99))).not.toThrow();
    await checkpoint();
    // And so many fit: the ledger's own signature and theirs.
    const { note } = (await readOwnCheckpoint(disk, DIRECTORY, ledgerKey()))!;
    const line = note.slice(note.indexOf('\n\n') + 2);
    expect(parseNote(Buffer.from(note + line.repeat(99)))).not.toBeNull();
    expect(parseNote(Buffer.from(note + line.repeat(100)))).toBeNull();
  });

  it('refuses a policy without a witness to be reached', () => {
    const error = thrown(() =>
      openRelay({
        files: disk,
        directory: DIRECTORY,
        origin: ORIGIN,
        ledgerKey: addressOf('ledger'),
        witnesses: 'quorum none',
      }),
    );
    expect(error.code).toBe('POLICY_INVALID');
  });
});
