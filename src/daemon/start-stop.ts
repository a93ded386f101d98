import { readFileSync } from 'node:fs';
import { ChanceryError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import { appendOne } from '../ledger/ledger.js';
import type { Log } from '../operations/log.js';
import type { Path } from '../signing/path.js';
import type { Tokens } from './tokens.js';

/** The entries between which a process wrote. None while the ledger waits for the Sovereign's word. */
export class Run {
  readonly #path: Pick<Path, 'ledger' | 'denials'>;
  readonly #tokens: Pick<Tokens, 'moduleDigests'>;
  readonly #log: Log;
  #state: 'before' | 'running' | 'over' = 'before';

  constructor(path: Pick<Path, 'ledger' | 'denials'>, tokens: Pick<Tokens, 'moduleDigests'>, log: Log) {
    this.#path = path;
    this.#tokens = tokens;
    this.#log = log;
  }

  /**
   * The `start` entry: which boot, which software, which PKCS#11 modules. One a process: a verifier takes what is open
   * at it for abandoned, and a rollback that is found and accepted while the process runs abandons nothing.
   */
  async start(): Promise<void> {
    if (this.#state !== 'before') return;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const modules = this.#tokens.moduleDigests();
    // Before anybody waits: a second call meanwhile must not write a second one.
    this.#state = 'running';
    try {
      await appendOne(this.#path.ledger, () => ({ type: 'start', boot, version: VERSION, modules }));
    } catch (error) {
      this.#state = 'before';
      throw error;
    }
  }

  /** Why nothing may be authorized now; null between the two entries. LEDGER_UNAVAILABLE. */
  stops(): ChanceryError | null {
    if (this.#state === 'running') return null;
    const why = this.#state === 'over' ? 'the daemon is stopping' : 'its `start` is not in the ledger yet';
    return new ChanceryError('LEDGER_UNAVAILABLE', `nothing is authorized: ${why}`, {
      hint: 'ask again later',
    });
  }

  /** The last entries of a clean stop. A ledger that has stopped already is only logged: there is no more to do. */
  async stop(reason: string): Promise<void> {
    const running = this.#state === 'running';
    this.#state = 'over';
    if (!running) return;
    await this.#write(this.#path.denials.flush(Number.POSITIVE_INFINITY), 'denials_not_written');
    // Also when the counts found no room: what is left of a full disk is kept for this one too.
    const stop = appendOne(this.#path.ledger, () => ({ type: 'stop', reason }));
    await this.#write(stop, 'stop_not_written');
  }

  async #write(written: Promise<unknown>, failed: string): Promise<void> {
    try {
      await written;
    } catch (error) {
      if (!(error instanceof ChanceryError)) throw error;
      this.#log.error(failed, { code: error.code, message: error.message });
    }
  }
}
