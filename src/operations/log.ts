import { pino, type Logger } from 'pino';
import { timeFormatter, wallClock } from '../core/clock.js';
import { LogSink } from './log-sink.js';

const STANDARD_ERROR = 2;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Structured lines on standard error. Fields have constant names (`event`, `request`, `key`, `workload`, `code`);
 * nothing secret is ever a field. Lines are written in batches, those of `error` at once; nobody waits for them.
 */
export function createLog(level: LogLevel): Log {
  const sink = new LogSink(STANDARD_ERROR);
  const format = timeFormatter();
  const logger = pino({ level, base: null, timestamp: () => `,"time":"${format(wallClock())}"` }, sink);
  process.once('exit', () => {
    sink.flushNow();
  });
  return new Log(logger, () => {
    sink.flush();
  });
}

export interface LogFields {
  readonly [field: string]: string | number | boolean | null | undefined;
}

export class Log {
  readonly #logger: Logger;
  readonly #flush: () => void;

  constructor(logger: Logger, flush: () => void) {
    this.#logger = logger;
    this.#flush = flush;
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#logger.debug({ event, ...fields });
  }

  info(event: string, fields: LogFields = {}): void {
    this.#logger.info({ event, ...fields });
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#logger.warn({ event, ...fields });
  }

  error(event: string, fields: LogFields = {}): void {
    this.#logger.error({ event, ...fields });
    this.flush();
  }

  /** What is still to be written keeps the process until it is. */
  flush(): void {
    this.#flush();
  }
}
