import {
  attestation,
  authorization,
  genesis,
  policy,
  signatureOver,
  start,
  START,
  unfreeze,
  WORKLOAD,
} from './history.js';
import { LedgerWriter } from './ledger-writer.js';

/** A sound ledger with every kind of outcome: genesis, policy, attestation, then `pairs` signed transfers. */
export function soundLedger(pairs = 20): LedgerWriter {
  const ledger = new LedgerWriter();
  ledger.add(genesis());
  ledger.add(policy());
  ledger.add(start());
  const warrant = attestation(START);
  ledger.add(warrant);
  for (let index = 0; index < pairs; index++) {
    const body = authorization(warrant.id, index);
    const sequence = ledger.add(body);
    ledger.add(signatureOver(sequence, body));
  }
  const original = authorization(warrant.id, pairs);
  const first = ledger.add(original);
  ledger.add({ type: 'failure', authorization: String(first), code: 'HSM_UNAVAILABLE' });
  const repeat = { ...original, counted: [], repeats: String(first) };
  const second = ledger.add(repeat);
  ledger.add(signatureOver(second, repeat));
  ledger.add({
    type: 'denial',
    key: 'trading-1',
    workload: WORKLOAD,
    codes: ['SPEND_LIMIT_EXCEEDED'],
    count: 3,
  });
  ledger.add({ type: 'freeze', reason: 'drill', by: { uid: 0, pid: 7 } });
  ledger.add(unfreeze(ledger.head));
  const left = ledger.add(authorization(warrant.id, pairs + 1));
  ledger.add({ type: 'recovered', authorization: String(left) });
  ledger.add(start('b2'));
  ledger.add({ type: 'tick' });
  ledger.add({ type: 'stop', reason: 'SIGTERM' });
  return ledger;
}
