import type { Random } from '../solana-loss/random.js';
import { countedSol, sign, tradingKey } from '../site/signing.js';
import type { Site } from '../site/site.js';
import { transfer } from '../site/transfer.js';
import type { Held } from './compare.js';

const CLIENTS = 16;
/** A connection that broke is what a campaign is about; anything else is a finding. */
const BROKEN = /ECONNRESET|ECONNREFUSED|ENOENT|EPIPE|socket hang up/;

/** Clients that ask without pause. */
export interface Load {
  /** Resolves when every client has stopped by itself; rejects at the first finding. */
  readonly ended: Promise<void>;
  /** Lets them stop after what they ask for now. */
  stop(): Promise<void>;
}

/** The clients of one site: they keep every signature, and ask again for what was cut off or refused. */
export class Clients {
  readonly held: Held;
  readonly #site: Site;
  readonly #random: Random;
  readonly #publicKey: string;
  readonly #again: string[] = [];
  #nonce: number;

  private constructor(site: Site, random: Random, publicKey: string, each: bigint) {
    this.#site = site;
    this.#random = random;
    this.#publicKey = publicKey;
    this.held = { signatures: new Map(), each };
    this.#nonce = random.below(2 ** 30);
  }

  static async of(site: Site, random: Random): Promise<Clients> {
    const { publicKey } = await tradingKey(site);
    return new Clients(site, random, publicKey, await countedSol(site, transfer(publicKey, 1000n, 0)));
  }

  /** A client stops when its connection breaks or it is refused with one of the codes; others are findings. */
  run(...final: readonly string[]): Load {
    const running = { on: true };
    const ended = Promise.all(Array.from({ length: CLIENTS }, () => this.#ask(running, final))).then(
      () => undefined,
    );
    // Whoever waits for something else meanwhile is told when it comes to this.
    ended.catch(() => undefined);
    const stop = (): Promise<void> => {
      running.on = false;
      return ended;
    };
    return { ended, stop };
  }

  async #ask(running: { readonly on: boolean }, final: readonly string[]): Promise<void> {
    while (running.on) {
      const wire = this.#again.pop() ?? this.#repeat() ?? transfer(this.#publicKey, 1000n, ++this.#nonce);
      const answer = await sign(this.#site, wire).catch((error: unknown) => {
        if (error instanceof Error && BROKEN.test(error.message)) return null;
        throw error;
      });
      if (answer?.ok === true) this.#keep(wire, answer.result.signature);
      else {
        this.#again.push(wire);
        if (answer === null || final.includes(answer.error.data.code)) return;
        // The HSM host may still be starting again after the last round.
        if (answer.error.data.code !== 'HSM_UNAVAILABLE')
          throw new Error(`refused: ${answer.error.data.code}: ${answer.error.message}`);
      }
    }
  }

  /** Now and then what a client has already: identical bytes are one transaction, and count once. */
  #repeat(): string | null {
    if (!this.#random.chance(5)) return null;
    const [first] = this.held.signatures.values();
    return first ?? null;
  }

  #keep(wire: string, signature: string): void {
    const before = this.held.signatures.get(signature);
    if (before !== undefined && before !== wire)
      throw new Error(`two transactions have the signature ${signature}`);
    this.held.signatures.set(signature, wire);
  }
}
