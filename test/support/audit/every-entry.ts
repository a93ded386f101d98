import type { EntryBody } from '../../../src/ledger/entries.js';
import {
  attestation,
  authorization,
  genesis,
  LEDGER_KEY,
  policy,
  sha256,
  signatureOver,
  start,
  START,
  STRANGER,
  TRADING_KEY,
  WORKLOAD,
} from './history.js';
import { LedgerWriter } from './ledger-writer.js';

/** What the repair cut off. */
export const CUT = 'torn bytes';

/**
 * A sound ledger with every kind of entry that a daemon writes, and no statement that names what stands before it:
 * everything can be changed and chained again.
 */
export function everyEntry(): LedgerWriter {
  const ledger = new LedgerWriter();
  const by = { uid: 0, pid: 7 };
  const warrant = attestation(START);
  const transfer = authorization(warrant.id, 0);
  const add = (...bodies: readonly EntryBody[]): void => {
    bodies.forEach((body) => ledger.add(body));
  };
  add(genesis(), policy(), start(), warrant);
  const first = ledger.add(transfer);
  add(signatureOver(first, transfer));
  const again = ledger.add({ ...transfer, counted: [], repeats: String(first) });
  add({ type: 'failure', authorization: String(again), code: 'HSM_UNAVAILABLE' });
  const refused = { key: 'trading-1', workload: WORKLOAD, uid: 1001, codes: ['SPEND_LIMIT_EXCEEDED'] };
  const { message } = authorization(warrant.id, 2, 600_000_000n);
  add({ type: 'denial', ...refused, message, count: 1 });
  ledger.add({ type: 'denial', ...refused, count: 3 }, { batch: String(ledger.lines.length - 1) });
  add({ type: 'snapshot', sha256: sha256('state'), size: '6' }, { type: 'tick' });
  const left = ledger.add(authorization(warrant.id, 1));
  add({ type: 'repair', bytes: CUT.length, sha256: sha256(CUT) });
  add({ type: 'recovered', authorization: String(left) }, start('b2'));
  const last = authorization(warrant.id, 3);
  add(signatureOver(ledger.add(last), last));
  add({ type: 'revocation', attestation: warrant.id, reason: 'r', by });
  add({ type: 'revocation', workload: WORKLOAD, reason: 'r', by });
  add({ type: 'freeze', key: 'ledger', publicKey: LEDGER_KEY.address, reason: 'r', by });
  add({ type: 'freeze', reason: 'CLOCK_JUMPED', by: null });
  add({ type: 'key', action: 'generate', token: 'main', label: 'new', publicKey: STRANGER.address });
  add({ type: 'key', action: 'latch', token: 'main', label: 'trading-1', publicKey: TRADING_KEY.address });
  add({ type: 'stop', reason: 'SIGTERM' });
  return ledger;
}
