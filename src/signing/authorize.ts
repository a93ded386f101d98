import { ChanceryError, isWireCode, refusal, type WireCode } from '../core/errors.js';
import type { Decision, Written } from '../ledger/ledger.js';
import type { State } from '../ledger/state.js';
import type { Policy } from '../policy/policy.js';
import type { Verdict } from '../policy/verdict.js';
import type { Message, Transaction } from '../solana/message.js';
import { readTransaction } from '../solana/read-transaction.js';
import type { Grant } from './authority.js';
import type { Caller } from './caller.js';
import { judge, knownKey, type Judgement } from './judge.js';
import type { Path } from './path.js';
import { ledgerShareUsed } from './ledger-share.js';
import { reached } from './points.js';
import { authorizationBody } from './records.js';
import type { SignRequest } from './sign.js';

/** A durable authorization: what the token may now be asked for. */
export interface Authorized {
  /** Request id. */
  readonly request: string;
  readonly grant: Grant;
  readonly transaction: Transaction;
  /** The key's signature slot. */
  readonly slot: number;
  readonly entry: Written;
  readonly policy: Policy;
  readonly verdict: Verdict & { decision: 'allow' };
}

/** Decides and appends in one step (I5). Throws the refusal, already recorded, or what stopped the path. */
export async function authorize(path: Path, caller: Caller, request: SignRequest): Promise<Authorized> {
  let message: Message | undefined;
  try {
    if (request.signal?.aborted === true) throw new ChanceryError('ABORTED', 'the client went away');
    const transaction = readTransaction(request.transaction);
    message = transaction.message;
    reached('decoded', request.id);
    const appended = await decideAndAppend(path, caller, request, transaction.message);
    return authorized(caller, request, transaction, appended);
  } catch (error) {
    await recordDenial(path, caller, request.key, message, error);
    throw error;
  }
}

interface Appended {
  readonly judgement: Judgement;
  readonly written: readonly Written[];
}

async function decideAndAppend(
  path: Path,
  caller: Caller,
  request: SignRequest,
  message: Message,
): Promise<Appended> {
  const decideNow = (state: State, ledgerNow: number): Decision<Judgement> => {
    const stopped = path.clock.check(state.time) ?? path.anchors.stops() ?? caller.check();
    if (stopped !== null) throw stopped;
    const policy = path.policies.inForce(state);
    if (caller.policy !== policy.sha256) throw policyChanged();
    const key = knownKey(policy, caller.workload, request.key);
    const away = path.signer.stops(key.publicKey);
    if (away !== null) throw away;
    const now = Math.max(ledgerNow, path.clock.latest());
    const full = ledgerShareUsed(state, caller.peer.uid, path.dailyBytesPerUid, now);
    if (full !== null) throw full;
    const judgement = judge(policy, key, caller, message, state, { now, entryTime: ledgerNow });
    const { verdict, assessment } = judgement;
    const entries =
      verdict.decision === 'deny'
        ? []
        : [authorizationBody(request.id, policy, key, caller, assessment, verdict)];
    return { entries, result: judgement };
  };
  const { result, written } = await path.ledger.transact(decideNow);
  return { judgement: result, written };
}

/** The caller was identified by registrations that no longer hold; the next request is judged by the new ones. */
function policyChanged(): ChanceryError {
  return new ChanceryError('OVERLOADED', 'a new policy came into force while the request was read', {
    hint: 'nothing was counted or signed: ask again',
  });
}

function authorized(
  caller: Caller,
  request: SignRequest,
  transaction: Transaction,
  { judgement, written }: Appended,
): Authorized {
  const { policy, key, assessment, verdict } = judgement;
  if (verdict.decision === 'deny') throw refusal(verdict.failures);
  const [entry] = written;
  if (entry === undefined || assessment.slot === null) {
    throw new ChanceryError('INTERNAL', 'an allowed request has no entry or no slot');
  }
  const grant = { key, caller, attestation: verdict.attestation };
  return { request: request.id, grant, transaction, slot: assessment.slot, entry, policy, verdict };
}

/** Codes that say something of us, not of the request: nothing was refused, so nothing is recorded. */
const OURS: ReadonlySet<WireCode> = new Set(['LEDGER_UNAVAILABLE', 'CLOCK_JUMPED', 'OVERLOADED', 'INTERNAL']);

async function recordDenial(
  path: Path,
  caller: Caller,
  keyId: string,
  message: Message | undefined,
  error: unknown,
): Promise<void> {
  if (!(error instanceof ChanceryError) || !isWireCode(error.code) || OURS.has(error.code)) return;
  // The token's own trouble; that of a key which is latched is a rule's word, with its failure.
  if (error.code === 'HSM_UNAVAILABLE' && error.failures.length === 0) return;
  // A transaction that cannot be read is refused before the anchors are asked: a ledger that the Sovereign may have to
  // accept as it was found must not grow by what callers send.
  if (path.anchors.stops() !== null) return;
  const { state } = path.ledger;
  const codes = error.failures.length === 0 ? [error.code] : error.failures.map((failure) => failure.code);
  const known = path.policies.inForce(state).keys.has(keyId);
  const { uid } = caller.peer;
  // A caller that has had its share of the ledger is refused all the same; metrics and the log have it.
  if (ledgerShareUsed(state, uid, path.dailyBytesPerUid, path.clock.latest()) !== null) return;
  const refused = {
    workload: caller.workload,
    uid,
    ...(known ? { key: keyId } : {}),
    codes,
    ...(message === undefined ? {} : { message: message.bytes }),
  };
  try {
    await path.denials.record(refused, path.clock.wall());
  } catch (cause) {
    // The refusal stands all the same; that the ledger has stopped shows in health and at the next request.
    if (!(cause instanceof ChanceryError)) throw cause;
  }
}
