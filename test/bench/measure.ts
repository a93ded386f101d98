import type { LoopResult } from './loop.js';
import { median } from './statistics.js';

/** One thing that is measured again and again. */
export interface Measurement {
  readonly name: string;
  readonly run: (seconds: number) => Promise<Sample>;
}

interface Sample {
  readonly loop: LoopResult;
  /** CPU microseconds each process spent meanwhile, by its name. */
  readonly cpuMicros: Readonly<Record<string, number>>;
  readonly residentBytes: Readonly<Record<string, number>>;
}

/** Medians over the rounds. */
export interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU microseconds per operation, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly megabytes: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  /** Of each round, in their order: what was measured in one round met one speed of the machine. */
  readonly rounds: readonly RoundFigures[];
}

export interface RoundFigures {
  readonly perSecond: number;
  readonly p50: number;
}

/** Every measurement once to warm up, then round after round, there and back, so that noise falls on all alike. */
export async function interleave(
  measurements: readonly Measurement[],
  warmup: number,
  seconds: number,
  rounds: number,
): Promise<Record<string, Figures>> {
  const samples = new Map<string, Sample[]>();
  for (const { name, run } of measurements) {
    if (warmup <= 0) break;
    show(`warming up: ${name}`);
    await run(warmup);
  }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? measurements : [...measurements].reverse();
    for (const { name, run } of order) {
      show(`round ${String(round + 1)} of ${String(rounds)}: ${name}`);
      const list = samples.get(name) ?? [];
      list.push(await run(seconds));
      samples.set(name, list);
    }
  }
  show('');
  return Object.fromEntries([...samples].map(([name, list]) => [name, figuresOf(list)]));
}

/** One line that is written over, for whoever waits at a terminal. */
export function show(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}

function figuresOf(samples: readonly Sample[]): Figures {
  const middle = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const failures: Record<string, number> = {};
  for (const { loop } of samples) {
    for (const [code, count] of Object.entries(loop.failures)) failures[code] = (failures[code] ?? 0) + count;
  }
  const processes = Object.keys(samples[0]?.cpuMicros ?? {});
  const of = (pick: (sample: Sample, process: string) => number): Record<string, number> =>
    Object.fromEntries(processes.map((process) => [process, middle((sample) => pick(sample, process))]));
  return {
    perSecond: middle(perSecond),
    p50: middle(({ loop }) => loop.p50),
    p99: middle(({ loop }) => loop.p99),
    cpu: of(({ loop, cpuMicros }, process) => (cpuMicros[process] ?? 0) / loop.operations),
    megabytes: of(({ residentBytes }, process) => (residentBytes[process] ?? 0) / 1_000_000),
    failures,
    rounds: samples.map((sample) => ({ perSecond: perSecond(sample), p50: sample.loop.p50 })),
  };
}

function perSecond({ loop }: Sample): number {
  return loop.operations / loop.seconds;
}
