import { destination, pino, type Logger } from 'pino';
import { timeFormatter, wallClock } from '../core/clock.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Structured lines on standard error. Fields have constant names (`event`, `request`, `key`, `workload`, `code`);
 * nothing secret is ever a field. Lines below `error` are written in batches: a request does not wait for them.
 */
export function createLog(level: LogLevel): Log {
  const sink = destination({ fd: 2, sync: false, minLength: 4096, periodicFlush: 500 });
  const format = timeFormatter();
  const logger = pino({ level, base: null, timestamp: () => `,"time":"${format(wallClock())}"` }, sink);
  return new Log(logger, () => {
    sink.flushSync();
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

  /** Written before it returns. */
  error(event: string, fields: LogFields = {}): void {
    this.#logger.error({ event, ...fields });
    this.flush();
  }

  flush(): void {
    try {
      this.#flush();
    } catch {
      // The sink is not open yet, or standard error is gone: logging must never stop the signer.
    }
  }
}
