import { tokenDemands } from '../ceremony/policy-tokens.js';
import { ChanceryError } from '../core/errors.js';
import type { Pubkey } from '../core/pubkey.js';
import type { Readiness, Signer, SignRequest } from '../core/signer.js';
import type { Token } from '../hsm/token.js';
import type { Policy } from '../policy/policy.js';
import { TokenSet, type TokenSetOptions } from './token-set.js';

/** The token set of the policy in force. A policy with other tokens or keys gets its own, started beforehand. */
export class Tokens implements Signer, Readiness {
  readonly #options: TokenSetOptions;
  #current: TokenSet;

  private constructor(options: TokenSetOptions, current: TokenSet) {
    this.#options = options;
    this.#current = current;
  }

  static async start(options: TokenSetOptions, policy: Policy): Promise<Tokens> {
    return new Tokens(options, await TokenSet.start(options, policy));
  }

  sign(request: SignRequest): Promise<Uint8Array> {
    return this.#current.sign(request);
  }

  stops(key: Pubkey): ChanceryError | null {
    return this.#current.stops(key);
  }

  /**
   * A set for the next policy: the current one when nothing about tokens and keys changes. Throws as `TokenSet.start`;
   * TOKEN_MISMATCH also for a module that was replaced since it was first loaded.
   */
  async prepare(policy: Policy): Promise<TokenSet> {
    return tokenDemands(policy) === this.#current.description
      ? this.#current
      : await TokenSet.start(this.#options, policy, this.#current.modules);
  }

  /** From now on signs with this set; the other is closed when what it holds is done. */
  async adopt(next: TokenSet): Promise<void> {
    const before = this.#current;
    this.#current = next;
    if (before !== next) await before.retire();
  }

  /** Closes a prepared set that is not adopted, unless it signs. One that signed until now ends what it holds. */
  async discard(prepared: TokenSet): Promise<void> {
    if (prepared !== this.#current) await prepared.retire();
  }

  /** The token of this name. Throws HSM_UNAVAILABLE when the policy in force has none. */
  named(name: string): Token {
    const token = this.all().find((one) => one.name === name);
    if (token === undefined) throw new ChanceryError('HSM_UNAVAILABLE', `no token ${name} is started`);
    return token;
  }

  /** SHA-256 of each module, by token name. */
  moduleDigests(): Record<string, string> {
    return Object.fromEntries(this.all().map((token) => [token.name, token.moduleSha256]));
  }

  all(): readonly Token[] {
    return this.#current.tokens;
  }

  close(): Promise<void> {
    return this.#current.close();
  }
}
