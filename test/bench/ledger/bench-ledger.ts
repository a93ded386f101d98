import type { AuthorizationBody, EntryBody } from '../../../src/ledger/entries.js';
import { createLedger } from '../../../src/ledger/store/create.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import { nodeFiles } from '../../../src/os/files.js';
import { authorization, genesis, policy } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import { addressOf } from '../../support/policy-text.js';
import { checkpointerOf, snapshotsOf } from '../../support/snapshot-ledger.js';

/** Signatures a second by the ledger's own time. */
const RATE = 10;
/** Authorizations of one `transact`: many, so that a million entries do not need a million syncs. */
const AT_ONCE = 500;
const DESTINATIONS = 100;
const SIGNATURE = 'x'.repeat(88);

/** A transfer of a few lamports as the signing path writes it, to one of a hundred accounts. */
export function transfer(number: number): AuthorizationBody {
  const destination = `account ${String(number % DESTINATIONS)}`;
  const debit = { asset: 'SOL', amount: '5', reason: 'transfer', source: 'key', destination };
  return authorization({
    request: `request-${String(number)}`,
    message: Buffer.from(String(number).padEnd(200)).toString('base64'),
    effects: [{ instruction: 0, program: 'system', name: 'Transfer', debits: [debit] }],
    counted: [
      { unit: 'SOL', amount: '5005' },
      { unit: 'fee', amount: '5000' },
      { unit: 'transactions', amount: '1' },
    ],
  });
}

export function outcome(sequence: number): EntryBody {
  return { type: 'signature', authorization: String(sequence), signature: SIGNATURE };
}

/**
 * A closed ledger of about so many entries, written by the ledger itself, with the snapshot that a daemon would have
 * made and a checkpoint over all of it.
 */
export async function makeLedger(directory: string, entries: number): Promise<void> {
  const files = nodeFiles();
  const clock = new StillClock();
  const began = clock.now;
  const first = { ...genesis(), publicKey: addressOf('ledger') };
  await createLedger({ directory, files, clock, genesis: [first, policy()] });
  const ledger = await openLedger({ directory, files, clock });
  for (let done = 0; done < entries / 2; done += AT_ONCE) {
    clock.now = began + Math.floor((done / RATE) * 1000);
    const bodies = Array.from({ length: AT_ONCE }, (_, index) => transfer(done + index));
    const { written } = await ledger.transact(() => ({ entries: bodies, result: null }));
    const outcomes = written.map(({ sequence }) => outcome(sequence));
    await ledger.transact(() => ({ entries: outcomes, result: null }));
  }
  await snapshotsOf(ledger, { directory, files }).step();
  await (await checkpointerOf(ledger, { directory, files, clock })).make();
  await ledger.close();
}
