import { setImmediate } from 'node:timers/promises';
import type { AddressBook } from '../policy/address-book.js';

/** Nobody waits longer for a derivation than for a decision. Milliseconds. */
const SLICE_MS = 2;

interface Scoped {
  readonly scope?: { readonly destinations?: readonly string[] | undefined } | undefined;
}

/**
 * Works out the token accounts of the wallets that attestations name, a slice at a time, before a request needs them:
 * 256 wallets with ten assets take a quarter of a second, which the first transaction to anybody else would otherwise
 * make everybody wait for.
 */
export async function deriveScopes(
  book: Pick<AddressBook, 'derive'>,
  attestations: Iterable<Scoped>,
): Promise<void> {
  let began = performance.now();
  for (const { scope } of attestations) {
    for (const address of scope?.destinations ?? []) {
      book.derive(address);
      if (performance.now() - began < SLICE_MS) continue;
      await setImmediate();
      began = performance.now();
    }
  }
}
