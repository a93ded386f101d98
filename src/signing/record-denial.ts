import { ChanceryError, isWireCode, type WireCode } from '../core/errors.js';
import type { Message } from '../solana/message.js';
import type { Caller } from './caller.js';
import type { Refused } from './denials.js';
import { ledgerShareUsed } from './ledger-share.js';
import type { Path } from './path.js';

/** A refusal as it is recorded. `key`: null unless the policy has it. */
export function refusedOf(
  { workload, peer }: Caller,
  key: string | null,
  codes: readonly WireCode[],
  message: Message | undefined,
): Refused {
  return {
    workload,
    uid: peer.uid,
    ...(key === null ? {} : { key }),
    codes,
    ...(message === undefined ? {} : { message: message.bytes }),
  };
}

/** Codes that say something of us, not of the request: nothing was refused, so nothing is recorded. */
const OURS: ReadonlySet<WireCode> = new Set(['LEDGER_UNAVAILABLE', 'CLOCK_JUMPED', 'OVERLOADED', 'INTERNAL']);

/** Records what was refused before anything was decided; resolves when that is durable, or cannot be. */
export async function recordDenial(
  path: Path,
  caller: Caller,
  keyId: string,
  message: Message | undefined,
  error: unknown,
): Promise<void> {
  if (!(error instanceof ChanceryError) || !isWireCode(error.code) || OURS.has(error.code)) return;
  // The token's own trouble; a latched key is refused by a rule, in the decision.
  if (error.code === 'HSM_UNAVAILABLE') return;
  // A transaction that cannot be read is refused before the anchors are asked: a ledger that the Sovereign may have to
  // accept as it was found must not grow by what callers send.
  if (path.stops() !== null) return;
  const { state } = path.ledger;
  const known = path.policies.inForce(state).keys.has(keyId);
  // A caller that has had its share of the ledger is refused all the same; metrics and the log have it.
  if (ledgerShareUsed(state, caller.peer.uid, path.dailyBytesPerUid, path.clock.latest()) !== null) return;
  const codes = error.failures.length === 0 ? [error.code] : error.failures.map((failure) => failure.code);
  const refused = refusedOf(caller, known ? keyId : null, codes, message);
  try {
    await path.denials.record(refused, path.clock.wall());
  } catch (cause) {
    // The refusal stands all the same; that the ledger has stopped shows in health and at the next request.
    if (!(cause instanceof ChanceryError)) throw cause;
  }
}
