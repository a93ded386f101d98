import { crash } from '../ledger-disk.js';
import type { Random } from '../solana-loss/random.js';
import { commits, makeHistory, type History } from './history.js';
import { openCode, recover, segmentsOf } from './recover.js';
import { SECTOR, sectorsOf } from './sectors.js';

/** Beside the boundaries, of which all are taken. */
const KINDS = ['prefix', 'sectors', 'bit', 'zeroed'] as const;
type Kind = (typeof KINDS)[number];

/** Histories, and power cuts or changes by kind. */
export type CrashReport = Readonly<Record<Kind | 'history' | 'boundary', number>>;

/** Cases beside the boundaries before the next history is made. */
const CASES_OF_A_HISTORY = 3000;

/**
 * Makes one random history of a ledger after the other. Of each it takes every boundary of the disk, and at random of
 * all the rest: tails cut at a byte, any loss of sectors of a write, flipped bits and zeroed sectors in what was
 * acknowledged. Rejects at the first that loses something or passes silently.
 */
export async function crashCampaign(
  random: Random,
  goOn: () => boolean,
  progress: (report: CrashReport) => void = () => undefined,
): Promise<CrashReport> {
  const report = { history: 0, boundary: 0, prefix: 0, sectors: 0, bit: 0, zeroed: 0 };
  while (goOn()) {
    const history = await randomHistory(random);
    report.history += 1;
    for (let done = 0; done <= history.steps.length; done++) {
      for (const survives of ['synced', 'written'] as const) {
        await named(
          `power cut after ${String(done)} steps, ${survives}`,
          recover(history, { done, survives }),
        );
        report.boundary += 1;
      }
    }
    for (let n = 0; n < CASES_OF_A_HISTORY && goOn(); n++) {
      const kind = random.pick(KINDS);
      await CASES[kind](random, history);
      report[kind] += 1;
    }
    progress(report);
  }
  return report;
}

function randomHistory(random: Random): Promise<History> {
  const messages = Array.from({ length: 16 }, () => random.below(1600));
  return makeHistory({
    callers: 1 + random.below(16),
    message: (caller) => messages[caller] ?? 0,
    segmentBytes: random.pick([8192, 12_288, 16_384]),
    last: 9 + random.below(20),
  });
}

const CASES: Readonly<Record<Kind, (random: Random, history: History) => Promise<void>>> = {
  prefix: (random, history) => {
    const { done, step } = random.pick(commits(history));
    const to = random.below(step.bytes.length + 1);
    return named(
      `write ${String(done)} cut at byte ${String(to)}`,
      recover(history, { done, survives: 'written', partial: { keep: [{ from: 0, to }] } }),
    );
  },
  sectors: (random, history) => {
    const { done, step } = random.pick(commits(history));
    const keep = sectorsOf(step).filter(() => random.chance(50));
    return named(
      `write ${String(done)} with only ${JSON.stringify(keep)}`,
      recover(history, { done, survives: 'synced', partial: { keep } }),
    );
  },
  bit: async (random, history) => {
    const files = crash(history.steps, { done: history.steps.length, survives: 'written' });
    const path = random.pick(segmentsOf(files));
    const bytes = files.bytesOf(path);
    const at = random.below(bytes.length);
    const bit = random.below(8);
    bytes[at]! ^= 1 << bit;
    const code = await openCode(history, files);
    if (code !== 'LEDGER_DAMAGED')
      throw new Error(`byte ${String(at)} bit ${String(bit)} of ${path}: ${code}`);
  },
  zeroed: async (random, history) => {
    const files = crash(history.steps, { done: history.steps.length, survives: 'written' });
    const [path = ''] = segmentsOf(files);
    const bytes = files.bytesOf(path);
    const at = SECTOR * random.below(Math.ceil(bytes.length / SECTOR));
    bytes.fill(0, at, Math.min(bytes.length, at + SECTOR));
    const code = await openCode(history, files);
    if (code !== 'LEDGER_DAMAGED') throw new Error(`the sector at ${String(at)} of ${path}: ${code}`);
  },
};

async function named(what: string, happens: Promise<void>): Promise<void> {
  await happens.catch((cause: unknown) => {
    throw new Error(`${what}: ${String(cause)}`, { cause });
  });
}
