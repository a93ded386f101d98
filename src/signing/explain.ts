import type { Caller } from './caller.js';
import { judge, knownKey, type Judgement } from './judge.js';
import type { Path } from './path.js';
import { readTransaction } from '../solana/read-transaction.js';

/** What `signTransaction` would decide now, with nothing reserved, written or asked of the token. */
export function explainTransaction(
  path: Path,
  caller: Caller,
  key: string,
  transaction: Uint8Array,
): Judgement {
  const { state } = path.ledger;
  const policy = path.policies.inForce(state);
  const { message } = readTransaction(transaction);
  const now = Math.max(state.time, path.clock.latest());
  return judge(policy, knownKey(policy, caller.workload, key), caller, message, state, now);
}
