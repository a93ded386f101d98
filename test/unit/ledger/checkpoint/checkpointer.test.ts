import { describe, expect, it } from 'vitest';
import { ChanceryError } from '../../../../src/core/errors.js';
import { openSignedCheckpoint } from '../../../../src/ledger/checkpoint/signed-checkpoint.js';
import {
  checkpointerOn,
  DIRECTORY,
  grow,
  ledgerKey,
  newDisk,
  openOn,
  signAsLedger,
} from '../../../support/checkpoint-rig.js';
import { crash } from '../../../support/ledger-disk.js';
import { rejected } from '../../../support/rejected.js';

const FILE = `${DIRECTORY}/checkpoint`;

describe('Checkpointer', () => {
  it('signs the head, puts it beside the ledger, and takes it up again after a restart', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    const first = await checkpointerOn(ledger, disk);
    expect(first.newest).toBeNull();
    await grow(ledger, 3);
    const made = await first.make();
    expect(made).toMatchObject({ size: 5, root: ledger.state.root() });
    expect(disk.bytesOf(FILE).toString()).toBe(made.note);
    expect(openSignedCheckpoint(disk.bytesOf(FILE), ledgerKey())).toEqual(made);
    await ledger.close();
    const again = await openOn(disk);
    expect((await checkpointerOn(again, disk)).newest).toEqual(made);
  });

  it('does not sign an idle ledger again, and makes it no longer', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    let asked = 0;
    const checkpointer = await checkpointerOn(ledger, disk, {
      sign: (message) => {
        asked += 1;
        return Promise.resolve(signAsLedger(message));
      },
    });
    expect(checkpointer.behind).toBe(true);
    await checkpointer.make();
    await checkpointer.make();
    expect(checkpointer.behind).toBe(false);
    expect(asked).toBe(1);
    expect(ledger.state.size).toBe(2);
  });

  it('never signs a head whose entries are not durable', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    const signed: number[] = [];
    const checkpointer = await checkpointerOn(ledger, disk, {
      sign: (message) => {
        signed.push(Number(Buffer.from(message).toString().split('\n')[1]));
        return Promise.resolve(signAsLedger(message));
      },
    });
    let open: () => void = () => undefined;
    const stalled = disk.stallCommits(new Promise((resolve) => (open = resolve)));
    const appended = grow(ledger, 1);
    await stalled;
    expect(ledger.state.size).toBe(3);
    const made = checkpointer.make();
    await new Promise((resolve) => setImmediate(resolve));
    expect(signed).toEqual([]);
    open();
    await appended;
    expect((await made).size).toBe(3);
    expect(signed).toEqual([3]);
  });

  it('does not sign when the write of the head fails', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    let asked = 0;
    const checkpointer = await checkpointerOn(ledger, disk, {
      sign: (message) => {
        asked += 1;
        return Promise.resolve(signAsLedger(message));
      },
    });
    disk.fault = (step) => {
      if (step.op === 'write') throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return null;
    };
    const appended = grow(ledger, 1).catch((error: unknown) => error);
    const made = rejected(checkpointer.make());
    expect(await appended).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect((await made).code).toBe('LEDGER_UNAVAILABLE');
    expect(asked).toBe(0);
  });

  it('goes on after a token that failed, and says meanwhile why there is none', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    let broken = true;
    const checkpointer = await checkpointerOn(ledger, disk, {
      sign: (message) =>
        broken
          ? Promise.reject(new ChanceryError('HSM_UNAVAILABLE', 'the token is away'))
          : Promise.resolve(signAsLedger(message)),
    });
    expect((await rejected(checkpointer.make())).code).toBe('HSM_UNAVAILABLE');
    expect(checkpointer.trouble?.code).toBe('HSM_UNAVAILABLE');
    broken = false;
    await checkpointer.make();
    expect(checkpointer.trouble).toBeNull();
  });

  it('never stores a signature that does not verify, and has the key latched', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    let latched = 0;
    const checkpointer = await checkpointerOn(ledger, disk, {
      sign: () => Promise.resolve(new Uint8Array(64).fill(7)),
      faulty: () => {
        latched += 1;
        return Promise.resolve();
      },
    });
    expect((await rejected(checkpointer.make())).code).toBe('SIGNATURE_WRONG');
    expect(latched).toBe(1);
    expect(disk.names.has(FILE)).toBe(false);
  });

  it('gives those who come while one is made the next one, together', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    let asked = 0;
    const checkpointer = await checkpointerOn(ledger, disk, {
      sign: async (message) => {
        asked += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return signAsLedger(message);
      },
    });
    const first = checkpointer.make();
    await grow(ledger, 1);
    const others = await Promise.all([checkpointer.make(), checkpointer.make(), checkpointer.covering(2)]);
    expect((await first).size).toBe(2);
    expect(others.map(({ size }) => size)).toEqual([3, 3, 3]);
    expect(asked).toBe(2);
  });

  it('says when there is no such entry', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    const checkpointer = await checkpointerOn(ledger, disk);
    expect((await rejected(checkpointer.covering(2))).code).toBe('MALFORMED_REQUEST');
  });

  it('leaves, wherever the power is cut, the old checkpoint or the new one, and entries that both fit', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    const checkpointer = await checkpointerOn(ledger, disk);
    await checkpointer.make();
    const from = disk.steps.length;
    await grow(ledger, 2);
    await checkpointer.make();
    const sizes = new Set<number>();
    for (let done = from; done <= disk.steps.length; done++) {
      for (const survives of ['synced', 'written'] as const) {
        const found = crash(disk.steps, { done, survives });
        const reopened = await openOn(found);
        const { newest } = await checkpointerOn(reopened, found);
        expect([2, 4]).toContain(newest?.size);
        sizes.add(newest!.size);
        await reopened.close();
      }
    }
    expect([...sizes].sort()).toEqual([2, 4]);
  });
});

describe('the checkpoint beside the ledger, at start', () => {
  it('refuses a ledger with fewer entries than it covers', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    const shorter = disk.steps.length;
    await grow(ledger, 2);
    await (await checkpointerOn(ledger, disk)).make();
    const note = disk.bytesOf(FILE);
    const old = crash(disk.steps, { done: shorter, survives: 'written' });
    old.contents.push({ bytes: Buffer.from(note) });
    old.names.set(FILE, old.contents.length - 1);
    expect((await rejected(openOn(old))).message).toMatch(/covers 4 entries/);
  });

  it('refuses a ledger with other entries than it covers', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    await grow(ledger, 2);
    await (await checkpointerOn(ledger, disk)).make();
    const other = await newDisk();
    const forked = await openOn(other);
    await grow(forked, 3, { type: 'alert', subject: 'fork', detail: '' });
    await forked.close();
    other.contents.push({ bytes: Buffer.from(disk.bytesOf(FILE)) });
    other.names.set(FILE, other.contents.length - 1);
    const error = await rejected(openOn(other));
    expect(error.code).toBe('LEDGER_DAMAGED');
    expect(error.message).toMatch(/another root at its size/);
  });

  it('refuses one that the ledger key did not sign', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    await (await checkpointerOn(ledger, disk)).make();
    await ledger.close();
    const bytes = disk.bytesOf(FILE);
    bytes[bytes.length - 20] = bytes[bytes.length - 20] === 0x41 ? 0x42 : 0x41;
    expect((await rejected(openOn(disk))).message).toMatch(/not signed by the ledger key/);
  });
});
