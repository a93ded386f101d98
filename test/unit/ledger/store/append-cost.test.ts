import { expect, it } from 'vitest';
import type { Files, OpenFile } from '../../../../src/core/files.js';
import { createLedger } from '../../../../src/ledger/store/create.js';
import { openLedger } from '../../../../src/ledger/store/open.js';
import { authorization, genesis, policy, signature } from '../../../support/ledger-bodies.js';
import { StillClock } from '../../../support/ledger-clock.js';
import { MemoryDisk } from '../../../support/ledger-disk.js';

const DIRECTORY = '/ledger';

/** Counts what is read. */
class Reads {
  bytes = 0;
  readonly files: Files;

  constructor(disk: MemoryDisk) {
    this.files = new Proxy(disk, {
      get: (target, name: keyof Files): unknown =>
        name === 'open' ? this.#open.bind(this, target) : target[name].bind(target),
    });
  }

  async #open(target: Files, ...args: Parameters<Files['open']>): Promise<OpenFile> {
    const file = await target.open(...args);
    return {
      ...file,
      read: async (buffer, position) => {
        const read = await file.read(buffer, position);
        this.bytes += read;
        return read;
      },
    };
  }
}

it('an append costs the disk the same however long the ledger is, and reads nothing', async () => {
  const disk = new MemoryDisk();
  const reads = new Reads(disk);
  const clock = new StillClock();
  await disk.makeDirectory('/');
  await createLedger({ directory: DIRECTORY, files: disk, clock, genesis: [genesis(), policy()] });
  const ledger = await openLedger({ directory: DIRECTORY, files: reads.files, clock, segmentBytes: 1 << 16 });

  /** What 500 requests cost, each durable before the next: bytes and steps of each kind. */
  const cost = async (): Promise<Record<string, number>> => {
    const from = disk.steps.length;
    const read = reads.bytes;
    for (let request = 0; request < 500; request++) {
      const { written } = await ledger.transact(() => ({ entries: [authorization()], result: null }));
      const outcome = signature(written[0]!.sequence);
      await ledger.transact(() => ({ entries: [outcome], result: null }));
      clock.now += 1000;
    }
    const spent: Record<string, number> = { read: reads.bytes - read, written: 0 };
    for (const step of disk.steps.slice(from)) {
      spent[step.op] = (spent[step.op] ?? 0) + 1;
      if (step.op === 'write') spent['written']! += step.bytes.length;
    }
    return spent;
  };

  const first = await cost();
  for (let more = 0; more < 4; more++) await cost();
  const last = await cost();
  await ledger.close();
  expect(ledger.state.size).toBe(2 + 6 * 1000);
  expect([first['read'], last['read']]).toEqual([0, 0]);
  // Segments end in both, a few times more in one of them at most: sequences grow by a digit.
  for (const [kind, spent] of Object.entries(last)) {
    if (kind !== 'read') expect(spent, kind).toBeLessThanOrEqual(first[kind]! * 1.15);
  }
});
