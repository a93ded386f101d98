import { ledgerLines, ofType } from './ledger-lines.js';
import { rpc } from './rpc.js';
import { countedSol, sign, tradingKey, type SignedResult } from './signing.js';
import type { RpcAnswer } from './rpc.js';
import type { Site } from './site.js';
import { transfer } from './transfer.js';

/** A client that keeps what it received, to hold the ledger against it. */
export class Holder {
  readonly #site: Site;
  readonly #held: string[] = [];
  #publicKey = '';
  #each = 0n;
  #nonce: number;

  /** Transfers are numbered from `nonce` on. */
  constructor(site: Site, nonce = 0) {
    this.#site = site;
    this.#nonce = nonce;
  }

  /** Asks which key it is; the daemon must run and the key be open. */
  async begin(): Promise<void> {
    this.#publicKey = (await tradingKey(this.#site)).publicKey;
    this.#each = await countedSol(this.#site, this.next());
  }

  get publicKey(): string {
    return this.#publicKey;
  }

  /** A transfer nobody asked for yet. */
  next(): string {
    return transfer(this.#publicKey, 1000n, ++this.#nonce);
  }

  async sign(): Promise<RpcAnswer<SignedResult>> {
    const answer = await sign(this.#site, this.next());
    if (answer.ok) this.#held.push(answer.result.signature);
    return answer;
  }

  /** What is wrong with ledger and meter, given what this client (the only one) holds. */
  async discrepancies(): Promise<readonly string[]> {
    const entries = await ledgerLines(this.#site.ledger);
    const signatures = new Set(ofType(entries, 'signature').map(({ signature }) => signature));
    const missing = this.#held.filter((signature) => !signatures.has(signature));
    const found = missing.map((signature) => `the ledger lacks ${signature}`);
    const spent = (await tradingKey(this.#site)).limits.find(({ asset }) => asset === 'SOL')?.spent;
    const counted = this.#each * BigInt(ofType(entries, 'authorization').length);
    if (spent !== String(counted))
      found.push(`the meter has ${String(spent)}, authorized ${String(counted)}`);
    const answer = await rpc<{ readonly open: readonly string[] }>(this.#site.adminSocket, 'getStatus');
    if (!answer.ok || answer.result.open.length > 0) found.push('authorizations are without outcome');
    return found;
  }
}
