/**
 * Compiled, never run: what TypeScript must accept and refuse of the client's types. `npm run typecheck` fails when
 * one of these no longer holds.
 */
import type { TransactionPartialSigner } from '@solana/kit';
import type { PublicKey, Transaction, VersionedTransaction } from '@solana/web3.js';
import type { ChanceryWallet } from '../../src/client/adapters/web3js.js';
import type { kitSigner } from '../../src/client/adapters/kit.js';
import type {
  ChanceryError,
  Client,
  ErrorCode,
  Failure,
  Signed,
  SignedItem,
  WireCode,
} from '../../src/client/api.js';

type Equal<A, B> = [A, B] extends [B, A] ? true : false;
type Assert<T extends true> = T;
type Assignable<From, To> = [From] extends [To] ? true : false;

/** The `Wallet` of @coral-xyz/anchor 0.30 to 0.32 (`provider.d.ts`), which is all that AnchorProvider asks for. */
interface AnchorWallet {
  signTransaction<T extends Transaction | VersionedTransaction>(tx: T): Promise<T>;
  signAllTransactions<T extends Transaction | VersionedTransaction>(txs: T[]): Promise<T[]>;
  publicKey: PublicKey;
}

export type Holds = [
  Assert<Assignable<ChanceryWallet, AnchorWallet>>,
  Assert<Assignable<ReturnType<typeof kitSigner>, TransactionPartialSigner>>,
  Assert<Equal<ChanceryError['code'], ErrorCode>>,
  Assert<Equal<Failure['code'], WireCode>>,
  Assert<Equal<Failure['limit'], string | undefined>>,
  Assert<Equal<Signed['transaction'], Uint8Array>>,
  Assert<Equal<Signed['entry'], { sequence: string; hash: string }>>,
  // Told apart by `ok`: before it is looked at, neither is there.
  Assert<Equal<'error' extends keyof SignedItem ? true : false, false>>,
  // Nobody signs raw bytes (I7).
  Assert<Equal<Extract<keyof Client, `${string}Message${string}`>, never>>,
  Assert<Equal<Awaited<ReturnType<Client['signTransactions']>>, readonly SignedItem[]>>,
];

/** An item is one of two, told apart by `ok`. */
export function codeOf(item: SignedItem): ErrorCode | 'signed' {
  return item.ok ? 'signed' : item.error.code;
}

export async function refused(client: Client): Promise<void> {
  // @ts-expect-error -- the transaction is missing
  await client.signTransaction({ key: 'trading-1' });
  // @ts-expect-error -- an array of numbers is no transaction
  await client.signTransaction({ key: 'trading-1', transaction: [1, 2, 3] });
  // @ts-expect-error -- sequences are decimal strings
  await client.getProof({ sequence: 1 });
}
