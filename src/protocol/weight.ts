import { MAX_TRANSACTIONS } from './signer-methods.js';

/**
 * How many requests one is worth: `signTransactions` asks the token as often as it has transactions. Only counts;
 * whether the params are sound is found out where they are read.
 */
export function requestWeight(method: string, params: unknown): number {
  if (method !== 'signTransactions' || typeof params !== 'object' || params === null) return 1;
  const transactions = 'transactions' in params ? params.transactions : null;
  return Array.isArray(transactions) ? Math.min(Math.max(transactions.length, 1), MAX_TRANSACTIONS) : 1;
}
