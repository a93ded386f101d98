import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import {
  attestation,
  authorization,
  freeze,
  genesis,
  KEY,
  policy,
  signature,
} from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import { crash, MemoryDisk, type CrashImage, type DiskStep } from '../../support/ledger-disk.js';

/**
 * Every point at which the power can go: before each step the ledger asks of the disk, and in the middle of each
 * write by byte prefix and by lost sectors. CHANCERY_FAULT_LONG=1 takes every byte instead of a selection.
 */
const LONG = process.env['CHANCERY_FAULT_LONG'] === '1';
const SECTOR = 512;
const DIRECTORY = '/ledger';
const segmentBytes = 8192;
const clock = new StillClock();
vi.setConfig({ testTimeout: LONG ? 3_600_000 : 60_000 });

interface Acknowledged {
  /** Steps the disk had done when the caller was told. */
  readonly after: number;
  readonly sequence: number;
  readonly hash: string;
}

const disk = new MemoryDisk();
const acknowledged: Acknowledged[] = [];
let steps: readonly DiskStep[];

function open(files: MemoryDisk): Promise<Ledger> {
  return openLedger({ directory: DIRECTORY, files, clock, segmentBytes });
}

beforeAll(async () => {
  await disk.makeDirectory('/');
  await createLedger({ directory: DIRECTORY, files: disk, clock, genesis: [genesis(), policy()] });
  let ledger = await open(disk);
  const append = async (...bodies: Parameters<typeof authorization>[0][]) => {
    const { written } = await ledger.transact(() => ({
      entries: bodies.map((parts) => authorization(parts)),
      result: null,
    }));
    for (const { sequence, hash } of written) acknowledged.push({ after: disk.steps.length, sequence, hash });
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
  const many = await Promise.all(Array.from({ length: 6 }, (_, n) => append({ message: 'A'.repeat(4 * n) })));
  await Promise.all(many.map((written) => finish(written[0]!.sequence)));
  await ledger.transact(() => ({ entries: [freeze(KEY)], result: null }));
  await ledger.close();
  ledger = await open(disk);
  // Over the end of a segment, and a start that leaves an authorization to recover.
  await Promise.all(Array.from({ length: 9 }, () => append({}, {})));
  await ledger.close();
  await (await open(disk)).close();
  steps = disk.steps;
});

async function recover(image: CrashImage): Promise<void> {
  const files = crash(steps, image);
  const due = acknowledged.filter(({ after }) => after <= image.done);
  const ledger = await open(files).catch((error: unknown) => {
    // Before the genesis is durable there is no ledger, and nothing was acknowledged.
    if (due.length === 0 && (error as { code?: string }).code === 'LEDGER_MISSING') return null;
    throw error;
  });
  if (ledger === null) return;
  const hashes = await hashesOf(files);
  for (const { sequence, hash } of due) expect(hashes[sequence]).toBe(hash);
  expect(ledger.state.open()).toEqual([]);
  const { written } = await ledger.transact(() => ({ entries: [authorization()], result: null }));
  await ledger.close();
  const again = await open(files);
  expect((await hashesOf(files))[written[0]!.sequence]).toBe(written[0]!.hash);
  await again.close();
}

async function hashesOf(files: MemoryDisk): Promise<string[]> {
  const segments = ((await files.list(DIRECTORY)) ?? []).filter((name) => name.endsWith('.ledger'));
  return segments.flatMap((name) =>
    files
      .bytesOf(join(DIRECTORY, name))
      .toString('latin1')
      .replace(/\0+$/, '')
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice(0, 64)),
  );
}

/** `count` ways to lose sectors out of a write, all of them when there are few. */
function* sectorLosses(step: DiskStep & { op: 'write' }): Generator<{ from: number; to: number }[]> {
  const cuts: number[] = [0];
  for (let at = SECTOR - (step.position % SECTOR); at < step.bytes.length; at += SECTOR) cuts.push(at);
  cuts.push(step.bytes.length);
  const sectors = cuts.slice(1).map((to, index) => ({ from: cuts[index]!, to }));
  const all = 2 ** sectors.length;
  const stride = LONG || all <= 64 ? 1 : Math.floor(all / 64) | 1;
  for (let mask = 0; mask < all; mask += stride) yield sectors.filter((_, bit) => (mask >> bit) & 1);
}

function prefixes(step: DiskStep & { op: 'write' }): number[] {
  const lengths = new Set<number>();
  for (let length = 0; length <= step.bytes.length; length += LONG ? 1 : 97) lengths.add(length);
  for (let at = step.bytes.indexOf(10); at !== -1; at = step.bytes.indexOf(10, at + 1)) {
    for (const near of [at - 1, at, at + 1]) lengths.add(near);
  }
  return [...lengths].filter((length) => length >= 0 && length <= step.bytes.length);
}

function commits(): { done: number; step: DiskStep & { op: 'write' } }[] {
  return steps.flatMap((step, done) => (step.op === 'write' && step.durable ? [{ done, step }] : []));
}

describe('after a power cut', () => {
  it('I3: every acknowledged entry is there, at each step of the disk', async () => {
    expect(acknowledged.length).toBeGreaterThan(25);
    for (let done = 0; done <= steps.length; done++) {
      for (const survives of ['synced', 'written'] as const) await recover({ done, survives });
    }
  });

  it('I3: a write torn at any byte is cut, and nothing acknowledged with it', async () => {
    for (const { done, step } of commits()) {
      for (const to of prefixes(step)) {
        await recover({ done, survives: 'written', partial: { keep: [{ from: 0, to }] } });
      }
    }
  });

  it('I3: a write that lost any of its sectors is cut, and nothing acknowledged with it', async () => {
    expect(commits().some(({ step }) => step.bytes.length > 4 * SECTOR)).toBe(true);
    for (const { done, step } of commits()) {
      for (const keep of sectorLosses(step)) await recover({ done, survives: 'synced', partial: { keep } });
    }
  });

  it('I3: a flipped bit in what was written never passes, and the evidence is left alone', async () => {
    const files = crash(steps, { done: steps.length, survives: 'written' });
    const segments = segmentsOf(files);
    expect(segments.length).toBeGreaterThan(1);
    for (const path of segments) {
      const bytes = files.bytesOf(path);
      for (let at = 0; at < bytes.length; at += LONG ? 1 : 7) {
        for (let bit = LONG ? 0 : at % 8; bit < (LONG ? 8 : (at % 8) + 1); bit++) {
          bytes[at]! ^= 1 << bit;
          const code = await openCode(files);
          if (code !== 'LEDGER_DAMAGED')
            expect.fail(`byte ${String(at)} bit ${String(bit)} of ${path}: ${code}`);
          bytes[at]! ^= 1 << bit;
        }
      }
    }
    expect(files.steps).toEqual([]);
    expect(await openCode(files)).toBe('none');
  });

  it('a sector of acknowledged entries turned to zero never passes', async () => {
    const files = crash(steps, { done: steps.length, survives: 'written' });
    const bytes = files.bytesOf(segmentsOf(files)[0]!);
    for (let at = 0; at < bytes.length; at += SECTOR) {
      const sector = Buffer.from(bytes.subarray(at, at + SECTOR));
      bytes.fill(0, at, Math.min(bytes.length, at + SECTOR));
      expect(await openCode(files)).toBe('LEDGER_DAMAGED');
      bytes.set(sector, at);
    }
  });

  it('a missing or swapped segment never passes', async () => {
    const files = crash(steps, { done: steps.length, survives: 'written' });
    const [first, second] = segmentsOf(files);
    const kept = files.names.get(first!)!;
    files.names.delete(first!);
    expect(await openCode(files)).toBe('LEDGER_DAMAGED');
    files.names.set(first!, files.names.get(second!)!);
    files.names.set(second!, kept);
    expect(await openCode(files)).toBe('LEDGER_DAMAGED');
  });
});

function segmentsOf(files: MemoryDisk): string[] {
  return [...files.names.keys()].filter((name) => name.endsWith('.ledger')).sort();
}

async function openCode(files: MemoryDisk): Promise<string> {
  try {
    await (await open(files)).close();
    return 'none';
  } catch (error) {
    return error instanceof ChanceryError ? error.code : String(error);
  }
}
