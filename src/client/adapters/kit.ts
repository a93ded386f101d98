import {
  address,
  getBase64EncodedWireTransaction,
  type Address,
  type SignatureBytes,
  type SignatureDictionary,
  type TransactionPartialSigner,
} from '@solana/kit';
import type { Client } from '../client.js';

export interface KitSignerOptions {
  readonly client: Client;
  /** Key id in the policy. */
  readonly key: string;
  /** The key's public key, base58. */
  readonly publicKey: string;
}

/** Most transactions in one request of the protocol. */
const BATCH = 64;

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
      const dictionaries: SignatureDictionary[] = [];
      for (let from = 0; from < wires.length; from += BATCH) {
        const batch = wires.slice(from, from + BATCH);
        const items = await client.signTransactions(
          { key, publicKey, transactions: batch },
          { signal: config?.abortSignal },
        );
        for (const item of items) {
          if (!item.ok) throw item.error;
          dictionaries.push(Object.freeze({ [signer]: item.signed.signatureBytes as SignatureBytes }));
        }
      }
      return Object.freeze(dictionaries);
    },
  };
}
