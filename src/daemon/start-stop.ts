import { readFileSync } from 'node:fs';
import { ChanceryError } from '../core/errors.js';
import type { Log } from '../operations/log.js';
import type { Path } from '../signing/path.js';
import type { Tokens } from './tokens.js';
import { VERSION } from '../core/version.js';

/** The entries between which a process wrote. None while the ledger waits for the Sovereign's word. */
export class Run {
  readonly #path: Path;
  readonly #tokens: Tokens;
  readonly #log: Log;
  #started = false;

  constructor(path: Path, tokens: Tokens, log: Log) {
    this.#path = path;
    this.#tokens = tokens;
    this.#log = log;
  }

  /**
   * The `start` entry: which boot, which software, which PKCS#11 modules. One a process: a verifier takes what is open
   * at it for abandoned, and a rollback that is found and accepted while the process runs abandons nothing.
   */
  async start(): Promise<void> {
    if (this.#started) return;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const modules = this.#tokens.moduleDigests();
    await this.#path.ledger.transact(() => ({
      entries: [{ type: 'start', boot, version: VERSION, modules }],
      result: undefined,
    }));
    this.#started = true;
  }

  /** The last entries of a clean stop. A ledger that has stopped already is only logged: there is no more to do. */
  async stop(reason: string): Promise<void> {
    if (!this.#started) return;
    try {
      await this.#path.denials.flush(Number.POSITIVE_INFINITY);
      await this.#path.ledger.transact(() => ({ entries: [{ type: 'stop', reason }], result: undefined }));
    } catch (error) {
      if (!(error instanceof ChanceryError)) throw error;
      this.#log.error('stop_not_written', { code: error.code, message: error.message });
    }
  }
}
