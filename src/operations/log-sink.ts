import { write, writeSync } from 'node:fs';
import { systemCode } from '../core/files.js';

/** Lines are written together when there are so many bytes of them, or after so long. */
const BATCH_LENGTH = 4096;
const LONGEST_KEPT_MS = 500;
/** For a reader that stands still: what comes beyond is dropped. Characters. */
const MOST_KEPT = 1 << 20;
/** A descriptor that somebody made non-blocking takes nothing for now. */
const RETRY_MS = 100;

/**
 * Where log lines go, never waited for. A disk that is full, a pipe that nobody reads: lines are lost, and how many is
 * said when writing works again. The signer must not stop, end or grow for its log (I10). Own code for that: sonic-boom,
 * the destination of pino, throws out of the event loop at the first and retries for ever, blocking, when it flushes.
 */
export class LogSink {
  readonly #fd: number;
  #kept = '';
  #lines = 0;
  #lost = 0;
  #writing = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    if (this.#kept.length + line.length > MOST_KEPT) {
      this.#lost += 1;
      return;
    }
    this.#kept += line;
    this.#lines += 1;
    if (this.#kept.length >= BATCH_LENGTH) this.flush();
    else this.#flushLater();
  }

  /** Begins to write what is kept; until that has ended, the process does not end by itself. */
  flush(): void {
    if (this.#writing || this.#kept === '') return;
    const lines = this.#lines + this.#lost;
    this.#writing = true;
    this.#put(this.#take(), lines);
  }

  /** For the end of the process, when nothing else runs any more: tries once. */
  flushNow(): void {
    if (this.#kept === '') return;
    try {
      writeSync(this.#fd, this.#take());
    } catch {
      // There is nobody left to tell.
    }
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, LONGEST_KEPT_MS).unref();
  }

  #take(): Buffer {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const lost =
      this.#lost === 0 ? '' : `{"level":40,"event":"log_lines_lost","lines":${String(this.#lost)}}\n`;
    const bytes = Buffer.from(lost + this.#kept);
    this.#kept = '';
    this.#lines = 0;
    this.#lost = 0;
    return bytes;
  }

  /** `lines`: how many are lost if this cannot be written. */
  #put(bytes: Buffer, lines: number): void {
    write(this.#fd, bytes, (error, written) => {
      if (systemCode(error) === 'EAGAIN') {
        setTimeout(() => {
          this.#put(bytes, lines);
        }, RETRY_MS).unref();
        return;
      }
      if (error === null && written < bytes.length) {
        this.#put(bytes.subarray(written), lines);
        return;
      }
      if (error !== null) this.#lost += lines;
      this.#writing = false;
      if (this.#kept.length >= BATCH_LENGTH) this.flush();
      else if (this.#kept !== '') this.#flushLater();
    });
  }
}
