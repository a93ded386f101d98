import { explain } from '../policy/explain/explain.js';
import type { Explanation } from '../policy/explain/explanation.js';
import { readTransaction } from '../solana/read-transaction.js';
import type { Caller } from './caller.js';
import { judge, knownKey } from './judge.js';
import type { Path } from './path.js';
import { timesNow } from './times.js';

/** What `signTransaction` would decide now and why, with nothing reserved, written or asked of the token. */
export function explainTransaction(
  path: Path,
  caller: Caller,
  key: string,
  transaction: Uint8Array,
): Explanation {
  const { state } = path.ledger;
  const policy = path.policies.inForce(state);
  const { message } = readTransaction(transaction);
  const { question, verdict } = judge(
    policy,
    knownKey(policy, caller.workload, key),
    caller,
    message,
    state,
    timesNow(path),
  );
  return explain(question, state, verdict);
}
