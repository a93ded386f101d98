import { timeFormatter, wallClock } from '../core/clock.js';
import { LogSink } from './log-sink.js';

const STANDARD_ERROR = 2;

/** The numbers that bunyan and pino write: log collectors know them. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;

export type LogLevel = keyof typeof LEVELS;

/** Fields have constant names (`request`, `key`, `workload`, `code`); nothing secret is ever a field. */
export interface LogFields {
  readonly [field: string]: string | number | boolean | null | undefined;
}

/** The daemon's log, on standard error until the process ends. */
export function createLog(level: LogLevel): Log {
  const sink = new LogSink(STANDARD_ERROR);
  process.once('exit', () => {
    sink.flushNow();
  });
  return new Log(level, sink);
}

/** One JSON object a line. Lines are written in batches, those of `error` at once; nobody waits for them. */
export class Log {
  readonly #least: number;
  readonly #sink: Pick<LogSink, 'write' | 'flush'>;
  readonly #format = timeFormatter();

  constructor(level: LogLevel, sink: Pick<LogSink, 'write' | 'flush'>) {
    this.#least = LEVELS[level];
    this.#sink = sink;
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#write(LEVELS.debug, event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.#write(LEVELS.info, event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#write(LEVELS.warn, event, fields);
  }

  error(event: string, fields: LogFields = {}): void {
    this.#write(LEVELS.error, event, fields);
    this.flush();
  }

  /** What is still to be written keeps the process until it is. */
  flush(): void {
    this.#sink.flush();
  }

  #write(level: number, event: string, fields: LogFields): void {
    if (level < this.#least) return;
    const head = `{"level":${String(level)},"time":"${this.#format(wallClock())}","event":${JSON.stringify(event)}`;
    const rest = JSON.stringify(fields);
    this.#sink.write(rest === '{}' ? `${head}}\n` : `${head},${rest.slice(1)}\n`);
  }
}
