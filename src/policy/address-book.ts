import { parseAddress, type Pubkey } from '../core/pubkey.js';
import { deriveAssociatedTokenAccount } from '../solana/derive.js';
import { NATIVE_MINT } from '../solana/native-mint.js';
import { PROGRAM_IDS } from '../solana/program-names.js';

interface Mint {
  readonly program: Pubkey;
  readonly mint: Pubkey;
}

/**
 * Wallets with the token accounts derived for them, for every declared asset and wrapped SOL. An address that
 * is itself a token account gets derived accounts too; nobody but its owner can gain by those.
 *
 * Derived once per wallet, and equal lists share one set: 200 keys that name the same 2,000 destinations cost
 * what one does.
 */
export class AddressBook {
  readonly #mints: readonly Mint[];
  readonly #derived = new Map<Pubkey, readonly Pubkey[]>();
  readonly #sets = new Map<string, ReadonlySet<Pubkey>>();
  readonly #listed = new WeakMap<readonly string[], Listed>();

  constructor(declared: readonly Mint[]) {
    this.#mints = [{ program: PROGRAM_IDS.token, mint: NATIVE_MINT }, ...declared];
  }

  /** The wallet itself and its derived token accounts. */
  accountsOf(wallet: Pubkey): readonly Pubkey[] {
    let accounts = this.#derived.get(wallet);
    if (accounts === undefined) {
      accounts = [
        wallet,
        ...this.#mints.map(({ program, mint }) => deriveAssociatedTokenAccount(wallet, program, mint)),
      ];
      this.#derived.set(wallet, accounts);
    }
    return accounts;
  }

  /** Works out the accounts of a wallet (base58) ahead of time; about 0.1 ms for each asset. */
  derive(address: string): void {
    const wallet = parseAddress(address);
    if (wallet !== null) this.accountsOf(wallet);
  }

  expand(wallets: readonly Pubkey[]): ReadonlySet<Pubkey> {
    const name = wallets.toSorted().join(' ');
    let set = this.#sets.get(name);
    if (set === undefined) {
      set = new Set(wallets.flatMap((wallet) => this.accountsOf(wallet)));
      this.#sets.set(name, set);
    }
    return set;
  }

  /**
   * A list in base58, as the scope of an attestation has it. Read once for as long as that very list lives; its token
   * accounts are put together when something is asked for that does not stand in it, from what `derive` has worked out.
   */
  listed(addresses: readonly string[]): Listed {
    let listed = this.#listed.get(addresses);
    if (listed === undefined) {
      listed = new Listed(addresses, (wallet) => this.accountsOf(wallet));
      this.#listed.set(addresses, listed);
    }
    return listed;
  }
}

class Listed {
  readonly #wallets: ReadonlySet<Pubkey>;
  readonly #accountsOf: (wallet: Pubkey) => readonly Pubkey[];
  #accounts: ReadonlySet<Pubkey> | null = null;

  constructor(addresses: readonly string[], accountsOf: (wallet: Pubkey) => readonly Pubkey[]) {
    this.#wallets = new Set(addresses.map(parseAddress).filter((wallet) => wallet !== null));
    this.#accountsOf = accountsOf;
  }

  /** Whether an account is one of the wallets or derived for one. */
  has(account: Pubkey): boolean {
    if (this.#wallets.has(account)) return true;
    this.#accounts ??= new Set([...this.#wallets].flatMap((wallet) => this.#accountsOf(wallet)));
    return this.#accounts.has(account);
  }
}
