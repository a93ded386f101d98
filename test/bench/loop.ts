import { percentile } from './statistics.js';

export interface LoopRequest {
  readonly seconds: number;
  /** What to run, for a process that knows several loops. */
  readonly mode: string;
  /** Requests in flight. */
  readonly clients: number;
}

export interface LoopResult {
  readonly operations: number;
  readonly seconds: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicros: number;
  readonly residentBytes: number;
  /** What failed, by code. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Serves measurements to the parent, one at a time. */
export function serveLoop(run: (request: LoopRequest, record: Recorder) => Promise<void>): void {
  process.on('message', (request: LoopRequest) => {
    const recorder = new Recorder(request.seconds);
    run(request, recorder).then(
      () => process.send?.(recorder.result()),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

/** Counts operations until the time is over. */
export class Recorder {
  readonly #seconds: number;
  #began = 0;
  #cpu = process.cpuUsage();
  #end = 0;
  readonly #micros: number[] = [];
  readonly #failures = new Map<string, number>();

  constructor(seconds: number) {
    this.#seconds = seconds;
    this.begin();
  }

  /** The time runs from here on, for a loop that had to connect first. */
  begin(): void {
    this.#began = performance.now();
    this.#cpu = process.cpuUsage();
    this.#end = this.#began + this.#seconds * 1000;
  }

  over(): boolean {
    return performance.now() >= this.#end;
  }

  /** `began` is `performance.now()` when the operation began. */
  add(began: number): void {
    this.#micros.push((performance.now() - began) * 1000);
  }

  fail(code: string): void {
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
  }

  result(): LoopResult {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      operations: this.#micros.length,
      seconds: (performance.now() - this.#began) / 1000,
      p50: percentile(this.#micros, 0.5),
      p99: percentile(this.#micros, 0.99),
      cpuMicros: user + system,
      residentBytes: process.memoryUsage.rss(),
      failures: Object.fromEntries(this.#failures),
    };
  }
}
