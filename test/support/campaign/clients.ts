import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../solana-loss/random.js';
import type { RpcAnswer } from '../site/rpc.js';
import { countedSol, sign, tradingKey, verifies, type SignedResult } from '../site/signing.js';
import type { Site } from '../site/site.js';
import { transfer } from '../site/transfer.js';
import { messageOf, type Held } from './compare.js';

const CLIENTS = 16;
/** A connection that broke is what a campaign is about; anything else than these two is a finding. */
const CUT_OFF = /ECONNRESET|EPIPE|socket hang up/;
const NOBODY_THERE = /ECONNREFUSED|ENOENT/;
/** An HSM host that ended starts again well within this. */
const SIGNS_WITHIN_MS = 20_000;

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
  #cutOff = 0;

  private constructor(site: Site, random: Random, publicKey: string, each: bigint) {
    this.#site = site;
    this.#random = random;
    this.#publicKey = publicKey;
    this.held = { signatures: new Map(), entries: new Map(), each };
    this.#nonce = random.below(2 ** 30);
  }

  static async of(site: Site, random: Random): Promise<Clients> {
    const { publicKey } = await tradingKey(site);
    return new Clients(site, random, publicKey, await countedSol(site, transfer(publicKey, 1000n, 0)));
  }

  /** Requests to which a daemon that was there gave no answer. */
  get cutOff(): number {
    return this.#cutOff;
  }

  /** Resolves when one more transaction is signed; rejects when none is within 20 s, or it is refused for good. */
  async signOne(): Promise<void> {
    const end = performance.now() + SIGNS_WITHIN_MS;
    for (;;) {
      const answer = await this.#askFor(this.#next());
      if (answer?.ok === true) return;
      const refused = answer?.error.data.code ?? 'the connection broke';
      if (refused !== 'HSM_UNAVAILABLE' || performance.now() > end) {
        throw new Error(`nothing is signed any more: ${refused}`);
      }
      await sleep(20);
    }
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
      const answer = await this.#askFor(this.#repeat() ?? this.#next());
      if (answer?.ok === true) continue;
      if (answer === null || final.includes(answer.error.data.code)) return;
      // The HSM host may be starting again.
      if (answer.error.data.code !== 'HSM_UNAVAILABLE')
        throw new Error(`refused: ${answer.error.data.code}: ${answer.error.message}`);
    }
  }

  /** Null when the connection broke. What is not signed is asked for again later. */
  async #askFor(wire: string): Promise<RpcAnswer<SignedResult> | null> {
    const answer = await sign(this.#site, wire).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : '';
      if (CUT_OFF.test(message)) this.#cutOff += 1;
      else if (!NOBODY_THERE.test(message)) throw error;
      return null;
    });
    if (answer?.ok === true) this.#keep(wire, answer.result);
    else this.#again.push(wire);
    return answer;
  }

  #next(): string {
    return this.#again.pop() ?? transfer(this.#publicKey, 1000n, ++this.#nonce);
  }

  /** Now and then what a client has already: identical bytes are one transaction, and count once. */
  #repeat(): string | null {
    if (!this.#random.chance(5)) return null;
    const [first] = this.held.signatures.values();
    return first ?? null;
  }

  #keep(wire: string, { signature, entry }: SignedResult): void {
    const { signatures, entries } = this.held;
    const message = messageOf(wire);
    if (!verifies(this.#publicKey, message, signature))
      throw new Error(`a client got ${signature}, which is wrong`);
    const before = signatures.get(signature);
    if (before !== undefined && before !== wire)
      throw new Error(`two transactions have the signature ${signature}`);
    if (entries.has(entry.sequence)) throw new Error(`two replies name entry ${entry.sequence}`);
    signatures.set(signature, wire);
    entries.set(entry.sequence, { hash: entry.hash, signature });
  }
}
