import { MAX_TRANSACTIONS } from '../../protocol/signer-methods.js';
import type { CallOptions } from '../rpc-session.js';
import type { Client, Signed, SignManyRequest } from '../client.js';

/**
 * As many as the wallet was given, in requests of as many as the protocol takes. They are judged one by one: rejects
 * with the ChanceryError of the first that is refused, though others before it were signed and counted.
 */
export async function signAll(
  client: Client,
  { transactions, ...signer }: SignManyRequest,
  options?: CallOptions,
): Promise<readonly Signed[]> {
  const signed: Signed[] = [];
  for (let from = 0; from < transactions.length; from += MAX_TRANSACTIONS) {
    const batch = transactions.slice(from, from + MAX_TRANSACTIONS);
    for (const item of await client.signTransactions({ ...signer, transactions: batch }, options)) {
      if (!item.ok) throw item.error;
      signed.push(item.signed);
    }
  }
  return signed;
}
