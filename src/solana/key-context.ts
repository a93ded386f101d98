import type { Pubkey } from '../core/pubkey.js';
import type { DeclaredMint, KeyContext } from './assessment.js';
import { deriveAssociatedTokenAccount } from './derive.js';
import { NATIVE_MINT } from './native-mint.js';
import { PROGRAM_IDS } from './program-names.js';

/** Rent of a Token account (165 bytes) at 6960 lamports a byte: the default for `rent`. */
export const PLAIN_TOKEN_ACCOUNT_RENT = 2_039_280n;

export interface KeyContextInput {
  readonly key: Pubkey;
  /** Declared mints; wrapped SOL need not be among them. */
  readonly assets: Iterable<DeclaredMint>;
  /** Full contents of lookup tables, as pinned by the policy. */
  readonly tables: ReadonlyMap<Pubkey, readonly Pubkey[]>;
  /** Lamports of rent of one Token account (165 bytes). */
  readonly rent: bigint;
}

/** `program:mint`, the key of `KeyContext.mints`: two programs may have a mint of the same address. */
export function mintId(program: Pubkey, mint: Pubkey): string {
  return `${program}:${mint}`;
}

/** Derives a key's own accounts once, at policy load: about 100 µs an asset. */
export function keyContext(input: KeyContextInput): KeyContext {
  const mints = new Map<string, DeclaredMint>();
  const own = new Map<Pubkey, { program: Pubkey; mint: Pubkey }>();
  const wrapped = { program: PROGRAM_IDS.token, mint: NATIVE_MINT };
  own.set(deriveAssociatedTokenAccount(input.key, wrapped.program, wrapped.mint), wrapped);
  for (const asset of input.assets) {
    const { program, mint } = asset;
    mints.set(mintId(program, mint), asset);
    own.set(deriveAssociatedTokenAccount(input.key, program, mint), { program, mint });
  }
  return {
    key: input.key,
    ownTokenAccounts: own,
    mints,
    tables: input.tables,
    tokenAccountRent: input.rent,
  };
}
