import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { attestation, authorization, freeze, genesis, KEY, policy, signature } from '../ledger-bodies.js';
import { StillClock } from '../ledger-clock.js';
import { MemoryDisk, type DiskStep } from '../ledger-disk.js';

export const DIRECTORY = '/ledger';

/** What a caller was told is durable, and how many steps the disk had done by then. */
export interface Acknowledged {
  readonly after: number;
  readonly sequence: number;
  readonly hash: string;
}

/** What a ledger asked of its disk, from its genesis on, over the end of a segment and several starts. */
export interface History {
  readonly steps: readonly DiskStep[];
  readonly acknowledged: readonly Acknowledged[];
  open(disk: MemoryDisk): Promise<Ledger>;
}

export interface HistoryShape {
  /** Callers at once. */
  readonly callers: number;
  /** Characters of the message of each. */
  readonly message: (caller: number) => number;
  readonly segmentBytes: number;
  /** Callers at once with two authorizations each, which leave the segment. */
  readonly last: number;
}

/** The history that every run of the tests looks at. */
export const USUAL: HistoryShape = {
  callers: 6,
  message: (caller) => 4 * caller,
  segmentBytes: 8192,
  last: 9,
};

export async function makeHistory({ callers, message, segmentBytes, last }: HistoryShape): Promise<History> {
  const disk = new MemoryDisk();
  const clock = new StillClock();
  const acknowledged: Acknowledged[] = [];
  const open = (files: MemoryDisk): Promise<Ledger> =>
    openLedger({ directory: DIRECTORY, files, clock, segmentBytes });
  await disk.makeDirectory('/');
  await createLedger({ directory: DIRECTORY, files: disk, clock, genesis: [genesis(), policy()] });
  let ledger = await open(disk);
  const append = async (...bodies: Parameters<typeof authorization>[0][]) => {
    const { written } = await ledger.transact(() => ({
      entries: bodies.map((parts) => authorization(parts)),
      result: null,
    }));
    for (const entry of written) acknowledged.push({ after: disk.steps.length, ...entry });
    return written;
  };
  const finish = async (sequence: number) => {
    const { written } = await ledger.transact(() => ({ entries: [signature(sequence)], result: null }));
    for (const entry of written) acknowledged.push({ after: disk.steps.length, ...entry });
  };
  await ledger.transact(() => ({ entries: [attestation()], result: null }));
  const [one] = await append({});
  await finish(one!.sequence);
  // Many callers at once: writes of several sectors.
  const many = await Promise.all(
    Array.from({ length: callers }, (_, caller) => append({ message: 'A'.repeat(message(caller)) })),
  );
  await Promise.all(many.map((written) => finish(written[0]!.sequence)));
  await ledger.transact(() => ({ entries: [freeze(KEY)], result: null }));
  await ledger.close();
  ledger = await open(disk);
  // Over the end of a segment, and a start that leaves authorizations to recover.
  await Promise.all(Array.from({ length: last }, () => append({}, {})));
  await ledger.close();
  await (await open(disk)).close();
  return { steps: disk.steps, acknowledged, open };
}

/** The commits of a history: each may be torn. */
export function commits({
  steps,
}: History): { readonly done: number; readonly step: DiskStep & { op: 'write' } }[] {
  return steps.flatMap((step, done) => (step.op === 'write' && step.durable ? [{ done, step }] : []));
}
