import { ChanceryError } from '../core/errors.js';
import type { EntryBody } from './entries.js';
import type { Ledger, Written } from './ledger.js';
import type { State } from './state.js';

/** Appends the one entry that is decided on the newest state; where that stands, once it is durable. */
export async function appendOne(
  ledger: Ledger,
  decide: (state: State, now: number) => EntryBody,
): Promise<Written> {
  const { written } = await ledger.transact((state, now) => ({
    entries: [decide(state, now)],
    result: undefined,
  }));
  const [entry] = written;
  if (entry === undefined) throw new ChanceryError('INTERNAL', 'the entry was not written');
  return entry;
}
