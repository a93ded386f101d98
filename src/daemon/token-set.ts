import { setTimeout } from 'node:timers/promises';
import { keysOn, tokenDemands } from '../ceremony/policy-tokens.js';
import { tokenAccess } from '../ceremony/token-access.js';
import type { Config } from '../config/chancery-yaml.js';
import { ChanceryError, errorOf } from '../core/errors.js';
import { toAddress, type Pubkey } from '../core/pubkey.js';
import type { Readiness, Signer, SignRequest } from '../core/signer.js';
import { startToken } from '../hsm/start-token.js';
import type { Token } from '../hsm/token.js';
import type { TokenEvent } from '../hsm/token-event.js';
import type { TokenOptions } from '../hsm/token-options.js';
import type { Policy, TokenPin } from '../policy/policy.js';

export interface TokenSetOptions {
  readonly config: Config;
  /** The compiled PKCS#11 host. */
  readonly hostScript: string;
  readonly report: (event: TokenEvent) => void;
}

const IDLE_CHECK_MS = 5;

/** The tokens and keys one policy names, started; signs for a key on the token that holds it. */
export class TokenSet implements Signer, Readiness {
  readonly tokens: readonly Token[];
  /** What was started, as text: two policies with the same one can share a set. */
  readonly description: string;
  /** SHA-256 of every module that was loaded, by its path: a policy may give a token another name. */
  readonly modules: ReadonlyMap<string, string>;
  readonly #byKey: ReadonlyMap<Pubkey, Token>;

  private constructor(tokens: readonly Token[], policy: Policy, modules: ReadonlyMap<string, string>) {
    this.tokens = tokens;
    this.modules = modules;
    this.description = tokenDemands(policy);
    const byName = new Map(tokens.map((token) => [token.name, token]));
    const held = [...policy.keys.values()].flatMap((key): [Pubkey, Token][] => {
      const token = byName.get(key.token);
      return token === undefined ? [] : [[key.publicKey, token]];
    });
    this.#byKey = new Map(held);
  }

  /**
   * Starts every token the policy names and finds its keys there. Throws CONFIG_INVALID when chancery.yaml does not
   * say how to reach one, and what `startToken` throws; what was started is closed again. `known`: the `modules` of the
   * set before.
   */
  static async start(
    options: TokenSetOptions,
    policy: Policy,
    known: ReadonlyMap<string, string> = new Map(),
  ): Promise<TokenSet> {
    const started: Token[] = [];
    const modules = new Map(known);
    try {
      for (const pinned of policy.tokens.values()) {
        const wanted = tokenOptions(options, policy, pinned);
        const starting = startToken({ ...wanted, moduleSha256: modules.get(wanted.module) });
        const token = await starting.catch((error: unknown) => {
          // Which of several tokens it was, no sentence of a host says.
          throw error instanceof ChanceryError ? errorOf(`token ${pinned.name}`, error) : error;
        });
        started.push(token);
        modules.set(wanted.module, token.moduleSha256);
      }
    } catch (error) {
      await Promise.all(started.map((token) => token.close()));
      throw error;
    }
    return new TokenSet(started, policy, modules);
  }

  sign(request: SignRequest): Promise<Uint8Array> {
    const token = this.#byKey.get(request.key);
    if (token !== undefined) return token.sign(request);
    return Promise.reject(notHeld(request.key));
  }

  stops(key: Pubkey): ChanceryError | null {
    const token = this.#byKey.get(key);
    return token === undefined ? notHeld(key) : token.stops();
  }

  /**
   * Closes it when nothing waits or is under way: what waits was counted for good, and a change of the policy is no
   * reason to fail it. A request waits 5 s at most, and a host that hangs is killed.
   */
  async retire(): Promise<void> {
    while (this.tokens.some(({ load }) => load.waiting + load.inFlight > 0)) await setTimeout(IDLE_CHECK_MS);
    await this.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.tokens.map((token) => token.close()));
  }
}

/** A policy is in force from its entry on, its tokens sign when that is durable; and they stop for the one before. */
function notHeld(key: Pubkey): ChanceryError {
  return new ChanceryError('HSM_UNAVAILABLE', `no token that signs now holds key ${toAddress(key)}`, {
    hint: 'a new policy comes into force at this moment: ask again',
  });
}

function tokenOptions(
  { config, hostScript, report }: TokenSetOptions,
  policy: Policy,
  pin: TokenPin,
): TokenOptions {
  const access = tokenAccess(config, pin, hostScript);
  return { ...access, name: pin.name, keys: keysOn(policy, pin.name), report };
}
