import { join } from 'node:path';
import { median } from '../statistics.js';
import { Appending, type AppendFigures } from './appending.js';
import { makeLedger } from './bench-ledger.js';
import { measureStart, measureWholeFold, type StartFigures } from './start.js';

export interface LedgerFigures {
  /** Opening ledgers of several sizes, the empty one first. */
  readonly starts: readonly { readonly snapshot: StartFigures; readonly whole: StartFigures }[];
  /** By clients, on the empty ledger. */
  readonly appending: Readonly<Record<number, AppendFigures>>;
  /** Of the largest ledger and of the empty one, measured in turns. */
  readonly growth: {
    readonly entries: number;
    readonly empty: AppendFigures;
    readonly large: AppendFigures;
    /** Medians of the ratios of neighbouring turns: pairs a second, and CPU for a pair. */
    readonly throughputRatio: number;
    readonly cpuRatio: number;
  };
}

const CLIENTS = [1, 16, 64];
const MANY = 64;
/** Turns that a round is cut into where two ledgers are compared. */
const SLICES = 4;

export interface LedgerPlan {
  /** For ledgers, which are made in it. */
  readonly directory: string;
  /** Entries, beside none. */
  readonly sizes: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
}

/** What a ledger costs as it grows: to open, to hold, to append to. */
export async function measureLedger({
  directory,
  sizes,
  seconds,
  rounds,
}: LedgerPlan): Promise<LedgerFigures> {
  const all = [0, ...sizes];
  const starts = [];
  for (const size of all) {
    await makeLedger(join(directory, String(size)), size);
    const snapshot = measureStart(join(directory, String(size)));
    starts.push({ snapshot, whole: measureWholeFold(join(directory, String(size))) });
  }
  const empty = await Appending.open(join(directory, '0'));
  const large = await Appending.open(join(directory, String(Math.max(...all))));
  try {
    const entries = large.entries;
    for (const ledger of [empty, large]) await ledger.run(MANY, seconds);
    const pairs = await inTurns({ empty, large }, SLICES * rounds, seconds / SLICES);
    const ratio = (of: (figures: AppendFigures) => number): number =>
      median(pairs.map((pair) => of(pair.large) / of(pair.empty)));
    const growth = {
      entries,
      empty: middle(pairs.map((pair) => pair.empty)),
      large: middle(pairs.map((pair) => pair.large)),
      throughputRatio: ratio(({ pairsPerSecond }) => pairsPerSecond),
      cpuRatio: ratio(({ microsPerPair }) => microsPerPair),
    };
    const appending: Record<number, AppendFigures> = {};
    for (const clients of CLIENTS) {
      const figures: AppendFigures[] = [];
      for (let round = 0; round < rounds; round++) figures.push(await empty.run(clients, seconds));
      appending[clients] = middle(figures);
    }
    return { starts, appending, growth };
  } finally {
    await empty.close();
    await large.close();
  }
}

/** Short turns, and who begins changes with each: what else the machine does falls on both alike. */
async function inTurns(
  { empty, large }: { readonly empty: Appending; readonly large: Appending },
  turns: number,
  seconds: number,
): Promise<readonly { readonly empty: AppendFigures; readonly large: AppendFigures }[]> {
  const pairs = [];
  for (let turn = 0; turn < turns; turn++) {
    if (turn % 2 === 0) {
      const first = await empty.run(MANY, seconds);
      pairs.push({ empty: first, large: await large.run(MANY, seconds) });
    } else {
      const first = await large.run(MANY, seconds);
      pairs.push({ empty: await empty.run(MANY, seconds), large: first });
    }
  }
  return pairs;
}

function middle(rounds: readonly AppendFigures[]): AppendFigures {
  const of = (pick: (figures: AppendFigures) => number): number => median(rounds.map(pick));
  return {
    pairsPerSecond: of(({ pairsPerSecond }) => pairsPerSecond),
    microsPerPair: of(({ microsPerPair }) => microsPerPair),
    syncsPerPair: of(({ syncsPerPair }) => syncsPerPair),
  };
}
