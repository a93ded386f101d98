import {
  address,
  getBase64EncodedWireTransaction,
  type Address,
  type SignatureBytes,
  type SignatureDictionary,
  type TransactionPartialSigner,
} from '@solana/kit';
import type { Client } from '../client.js';
import { signAll } from './sign-all.js';

export interface KitSignerOptions {
  readonly client: Client;
  /** Key id in the policy. */
  readonly key: string;
  /** The key's public key, base58. */
  readonly publicKey: string;
}

/**
 * A `TransactionPartialSigner` for @solana/kit: it adds its signature and modifies nothing. Transactions are judged
 * one by one; when one of several is refused the promise rejects with its ChanceryError, though others before it
 * were signed and counted.
 */
export function kitSigner<TAddress extends string = string>(
  options: KitSignerOptions & { readonly publicKey: TAddress },
): TransactionPartialSigner<TAddress> {
  const { client, key, publicKey } = options;
  const signer: Address<TAddress> = address(publicKey);
  return {
    address: signer,
    async signTransactions(transactions, config): Promise<readonly SignatureDictionary[]> {
      const wires = transactions.map((transaction) => getBase64EncodedWireTransaction(transaction));
      const signal = config?.abortSignal;
      const signed = await signAll(client, { key, publicKey, transactions: wires }, { signal });
      return Object.freeze(
        signed.map(({ signatureBytes }) => Object.freeze({ [signer]: signatureBytes as SignatureBytes })),
      );
    },
  };
}
