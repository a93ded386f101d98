import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { authorization, genesis, KEY, policy, signature } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import { crash, MemoryDisk, type CrashImage, type DiskStep } from '../../support/ledger-disk.js';

/** Sixteen callers append over the ends of segments, by size and by age, and the power goes at each step of that. */
const DIRECTORY = '/ledger';
const CALLERS = 16;
const AGE = 60_000;
vi.setConfig({ testTimeout: 120_000 });

interface Acknowledged {
  /** Steps the disk had done when the caller was told. */
  readonly after: number;
  readonly sequence: number;
  readonly hash: string;
}

const disk = new MemoryDisk();
const acknowledged: Acknowledged[] = [];
let steps: readonly DiskStep[];
/** When the power went, at the latest. */
let end: number;

function open(files: MemoryDisk, clock: StillClock): Promise<Ledger> {
  return openLedger({ directory: DIRECTORY, files, clock, segmentBytes: 16_384, segmentAge: AGE });
}

beforeAll(async () => {
  const clock = new StillClock();
  await disk.makeDirectory('/');
  await createLedger({ directory: DIRECTORY, files: disk, clock, genesis: [genesis(), policy()] });
  const ledger = await open(disk, clock);
  const pair = async (): Promise<void> => {
    const authorized = await ledger.transact(() => ({ entries: [authorization()], result: null }));
    const [{ sequence }] = authorized.written as [Acknowledged];
    const done = await ledger.transact(() => ({ entries: [signature(sequence)], result: null }));
    const after = disk.steps.length;
    for (const entry of [...authorized.written, ...done.written]) acknowledged.push({ after, ...entry });
  };
  const caller = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) {
      await pair();
      // Past the age once, while the others write.
      if (turn === 1) clock.now += AGE / CALLERS;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  clock.now += AGE;
  await Promise.all([pair(), pair()]);
  await ledger.close();
  steps = disk.steps;
  end = clock.now;
});

const segmentsOf = (files: MemoryDisk): string[] =>
  [...files.names.keys()].filter((name) => name.endsWith('.ledger')).sort();

function hashesOf(files: MemoryDisk): string[] {
  return segmentsOf(files).flatMap((path) =>
    files
      .bytesOf(path)
      .toString('latin1')
      .replace(/\0+$/, '')
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice(0, 64)),
  );
}

async function recover(image: CrashImage): Promise<void> {
  const files = crash(steps, image);
  const clock = new StillClock(end);
  const due = acknowledged.filter(({ after }) => after <= image.done);
  const ledger = await open(files, clock).catch((error: unknown) => {
    if (due.length === 0 && (error as { code?: string }).code === 'LEDGER_MISSING') return null;
    throw error;
  });
  if (ledger === null) return;
  const hashes = hashesOf(files);
  for (const { sequence, hash } of due) expect(hashes[sequence]).toBe(hash);
  // One outcome each, and what was counted is what is written: no count is lost at the seam of two segments.
  expect(ledger.state.open()).toEqual([]);
  const texts = segmentsOf(files).map((path) => files.bytesOf(path).toString('latin1'));
  const authorized = texts.join('').split('"type":"authorization"').length - 1;
  expect(ledger.state.spent(KEY, 'SOL', '24h', clock.now)).toBe(5n * BigInt(authorized));
  // It goes on, over the end of a segment too.
  clock.now += 2 * AGE;
  const { written } = await ledger.transact(() => ({ entries: [authorization()], result: null }));
  await ledger.close();
  const again = await open(files, clock);
  expect(hashesOf(files)[written[0]!.sequence]).toBe(written[0]!.hash);
  await again.close();
}

/** Steps from before a spare gets the name of a segment to after the old one was cut. */
function rotations(): number[] {
  const at = steps.flatMap((step, index) =>
    step.op === 'rename' && step.from === join(DIRECTORY, 'spare') ? [index] : [],
  );
  return at.flatMap((index) => Array.from({ length: 14 }, (_, step) => index - 4 + step));
}

describe('the end of a segment under load', () => {
  it('came by size and by age, with writes in flight', () => {
    const renames = steps.filter((step) => step.op === 'rename' && step.from.endsWith('/spare'));
    expect(renames.length).toBeGreaterThan(3);
    const kinds = new Set(rotations().map((index) => steps[index]?.op));
    for (const op of ['rename', 'syncDirectory', 'truncate', 'create', 'write', 'sync'] as const) {
      expect(kinds).toContain(op);
    }
  });

  it('I3: every acknowledged entry is there, at each step of the disk', async () => {
    for (let done = 0; done <= steps.length; done++) {
      for (const survives of ['synced', 'written'] as const) await recover({ done, survives });
    }
  });

  it('I3: the first write into a new segment, and the last into the old one, may be torn anywhere', async () => {
    for (const done of rotations()) {
      const step = steps[done];
      if (step?.op !== 'write' || !step.durable) continue;
      for (let to = 0; to <= step.bytes.length; to += 233) {
        for (const survives of ['synced', 'written'] as const) {
          await recover({ done, survives, partial: { keep: [{ from: 0, to }] } });
        }
      }
    }
  });
});
