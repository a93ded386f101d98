import { wallClock } from '../../../src/core/clock.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { CountingFiles } from './counting-files.js';
import { outcome, transfer } from './bench-ledger.js';

/** What clients that append an authorization and its signature, one pair after the other, cost a ledger. */
export interface AppendFigures {
  readonly pairsPerSecond: number;
  /** CPU of this process, writing included, for the two entries of one signature. */
  readonly microsPerPair: number;
  readonly syncsPerPair: number;
}

const CLOCK = { wall: wallClock, boot: () => performance.now() };

/** An open ledger under measurement. */
export class Appending {
  readonly #ledger: Ledger;
  readonly #counting: CountingFiles;
  #number = 0;

  private constructor(ledger: Ledger, counting: CountingFiles) {
    this.#ledger = ledger;
    this.#counting = counting;
  }

  static async open(directory: string): Promise<Appending> {
    const counting = new CountingFiles();
    const { files } = counting;
    return new Appending(await openLedger({ directory, files, clock: CLOCK, fromSnapshot: true }), counting);
  }

  get entries(): number {
    return this.#ledger.state.size;
  }

  async run(clients: number, seconds: number): Promise<AppendFigures> {
    const began = performance.now();
    const cpu = process.cpuUsage();
    const syncs = this.#counting.syncs;
    let pairs = 0;
    const client = async (): Promise<void> => {
      while (performance.now() - began < seconds * 1000) {
        await this.#pair();
        pairs += 1;
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    const { user, system } = process.cpuUsage(cpu);
    return {
      pairsPerSecond: pairs / ((performance.now() - began) / 1000),
      microsPerPair: (user + system) / pairs,
      syncsPerPair: (this.#counting.syncs - syncs) / pairs,
    };
  }

  async #pair(): Promise<void> {
    const body = transfer(this.#number++);
    const { written } = await this.#ledger.transact((state, now) => {
      // What every decision reads: limits are asked of the newest state.
      state.spent(body.publicKey, 'SOL', '24h', now);
      return { entries: [body], result: null };
    });
    const [authorized] = written;
    if (authorized === undefined) throw new Error('nothing was written');
    await this.#ledger.transact(() => ({ entries: [outcome(authorized.sequence)], result: null }));
  }

  close(): Promise<void> {
    return this.#ledger.close();
  }
}
