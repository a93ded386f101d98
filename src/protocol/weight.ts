import type { Incoming } from './envelope.js';
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

/** Of all that one message asks for; what is no request is one. */
export function messageWeight(incoming: Incoming): number {
  const items = incoming.kind === 'batch' ? incoming.items : [incoming.item];
  return items.reduce(
    (sum, item) => sum + ('error' in item ? 1 : requestWeight(item.method, item.params)),
    0,
  );
}
