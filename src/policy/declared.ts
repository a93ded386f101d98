import type { Pubkey } from '../core/pubkey.js';
import type { DeclaredMint } from '../solana/assessment.js';
import type { DeclaredProgram } from '../solana/declared/declared-program.js';
import type { AddressBook } from './address-book.js';
import type { AssetPolicy } from './policy.js';

/** What the rest of the policy declares, for a key to name. */
export interface Declared {
  readonly assets: ReadonlyMap<string, AssetPolicy>;
  readonly tokens: ReadonlySet<string>;
  readonly workloads: ReadonlySet<string>;
  /** Known and declared ones, by name. */
  readonly programs: ReadonlySet<string>;
  readonly declaredPrograms: ReadonlyMap<Pubkey, DeclaredProgram>;
  readonly mints: readonly DeclaredMint[];
  readonly tables: ReadonlyMap<Pubkey, readonly Pubkey[]>;
  readonly tokenAccountRent: bigint;
  readonly book: AddressBook;
}
