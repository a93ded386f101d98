import { beforeAll, describe, expect, it } from 'vitest';
import { crashCampaign, type CrashReport } from '../../support/crash/crash-campaign.js';
import { commits, makeHistory, USUAL, type History } from '../../support/crash/history.js';
import { openCode, recover, segmentsOf } from '../../support/crash/recover.js';
import { SECTOR, sectorsOf } from '../../support/crash/sectors.js';
import { crash, type DiskStep } from '../../support/ledger-disk.js';
import { Random } from '../../support/solana-loss/random.js';

/** Set by `npm run crash`. */
const MINUTES = Number(process.env['CHANCERY_FAULT_MINUTES'] ?? 0);
const SEED = Number(process.env['CHANCERY_FAULT_SEED'] ?? 0);

/**
 * Every point at which the power can go: before each step the ledger asks of the disk, and in the middle of each
 * write by byte prefix and by lost sectors. A selection of bytes and sectors; `npm run crash` goes on at random.
 */
let history: History;

beforeAll(async () => {
  history = await makeHistory(USUAL);
});

/** Some ways to lose sectors out of a write, all of them when there are few. */
function* sectorLosses(step: DiskStep & { op: 'write' }): Generator<{ from: number; to: number }[]> {
  const sectors = sectorsOf(step);
  const all = 2 ** sectors.length;
  const stride = all <= 64 ? 1 : Math.floor(all / 64) | 1;
  for (let mask = 0; mask < all; mask += stride) yield sectors.filter((_, bit) => (mask >> bit) & 1);
}

function prefixes(step: DiskStep & { op: 'write' }): number[] {
  const lengths = new Set<number>();
  for (let length = 0; length <= step.bytes.length; length += 97) lengths.add(length);
  for (let at = step.bytes.indexOf(10); at !== -1; at = step.bytes.indexOf(10, at + 1)) {
    for (const near of [at - 1, at, at + 1]) lengths.add(near);
  }
  return [...lengths].filter((length) => length >= 0 && length <= step.bytes.length);
}

describe('after a power cut', () => {
  it('I3: every acknowledged entry is there, at each step of the disk', async () => {
    const { steps, acknowledged } = history;
    expect(acknowledged.length).toBeGreaterThan(25);
    for (let done = 0; done <= steps.length; done++) {
      for (const survives of ['synced', 'written'] as const) await recover(history, { done, survives });
    }
  });

  it('I3: a write torn at any byte is cut, and nothing acknowledged with it', async () => {
    let crashes = 0;
    for (const { done, step } of commits(history)) {
      for (const to of prefixes(step)) {
        await recover(history, { done, survives: 'written', partial: { keep: [{ from: 0, to }] } });
        crashes += 1;
      }
    }
    expect(crashes).toBeGreaterThan(300);
  });

  it('I3: a write that lost any of its sectors is cut, and nothing acknowledged with it', async () => {
    expect(commits(history).some(({ step }) => step.bytes.length > 4 * SECTOR)).toBe(true);
    for (const { done, step } of commits(history)) {
      for (const keep of sectorLosses(step)) {
        await recover(history, { done, survives: 'synced', partial: { keep } });
      }
    }
  });

  it('I3: a flipped bit in what was written never passes, and the evidence is left alone', async () => {
    const files = crash(history.steps, { done: history.steps.length, survives: 'written' });
    const segments = segmentsOf(files);
    expect(segments.length).toBeGreaterThan(1);
    for (const path of segments) {
      const bytes = files.bytesOf(path);
      for (let at = 0; at < bytes.length; at += 7) {
        const bit = at % 8;
        bytes[at]! ^= 1 << bit;
        const code = await openCode(history, files);
        if (code !== 'LEDGER_DAMAGED')
          expect.fail(`byte ${String(at)} bit ${String(bit)} of ${path}: ${code}`);
        bytes[at]! ^= 1 << bit;
      }
    }
    expect(files.steps).toEqual([]);
    expect(await openCode(history, files)).toBe('none');
  });

  it('a sector of acknowledged entries turned to zero never passes', async () => {
    const files = crash(history.steps, { done: history.steps.length, survives: 'written' });
    const bytes = files.bytesOf(segmentsOf(files)[0]!);
    for (let at = 0; at < bytes.length; at += SECTOR) {
      const sector = Buffer.from(bytes.subarray(at, at + SECTOR));
      bytes.fill(0, at, Math.min(bytes.length, at + SECTOR));
      expect(await openCode(history, files)).toBe('LEDGER_DAMAGED');
      bytes.set(sector, at);
    }
  });

  it('a missing or swapped segment never passes', async () => {
    const files = crash(history.steps, { done: history.steps.length, survives: 'written' });
    const [first, second] = segmentsOf(files);
    const kept = files.names.get(first!)!;
    files.names.delete(first!);
    expect(await openCode(history, files)).toBe('LEDGER_DAMAGED');
    files.names.set(first!, files.names.get(second!)!);
    files.names.set(second!, kept);
    expect(await openCode(history, files)).toBe('LEDGER_DAMAGED');
  });

  it.runIf(MINUTES > 0)('I3: nor in random histories', { timeout: MINUTES * 60_000 + 120_000 }, async () => {
    const end = performance.now() + MINUTES * 60_000;
    const tell = (report: CrashReport): void => {
      console.log(text(report));
    };
    const report = await crashCampaign(new Random(SEED), () => performance.now() < end, tell).catch(
      (cause: unknown) => {
        throw new Error(`seed ${String(SEED)}: ${String(cause)}`, { cause });
      },
    );
    console.log(`nothing lost, no damage passed, seed ${String(SEED)}: ${text(report)}`);
    expect(report.boundary).toBeGreaterThan(0);
  });
});

function text({ history, boundary, prefix, sectors, bit, zeroed }: CrashReport): string {
  return `${String(history)} histories; power cuts: ${String(boundary)} at each step, ${String(prefix)} within a write, ${String(sectors)} with sectors lost; damage: ${String(bit)} bits, ${String(zeroed)} sectors`;
}
