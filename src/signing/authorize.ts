import { ChanceryError, refusal } from '../core/errors.js';
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
import { recordDenial, refusedOf } from './record-denial.js';
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
  const { transaction, appended } = await decided(path, caller, request);
  return authorized(caller, request, transaction, appended);
}

interface Decided {
  readonly transaction: Transaction;
  readonly appended: Appended;
}

async function decided(path: Path, caller: Caller, request: SignRequest): Promise<Decided> {
  let message: Message | undefined;
  try {
    if (request.signal?.aborted === true) throw new ChanceryError('ABORTED', 'the client went away');
    const transaction = readTransaction(request.transaction);
    message = transaction.message;
    reached('decoded', request.id);
    return { transaction, appended: await decideAndAppend(path, caller, request, message) };
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
  let denied = null as Judgement | null;
  const decideNow = (state: State, ledgerNow: number): Decision<Judgement> => {
    const stopped = path.clock.check(state.time) ?? path.stops() ?? caller.check();
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
    if (verdict.decision === 'allow') {
      const entry = authorizationBody(request.id, policy, key, caller, assessment, verdict);
      return { entries: [entry], result: judgement };
    }
    denied = judgement;
    // In this step too: written after what others were granted meanwhile, it could not be decided again as it was.
    const codes = verdict.failures.map((failure) => failure.code);
    const refused = refusedOf(caller, key.id, codes, message);
    return { entries: path.denials.due(refused, path.clock.wall()), result: judgement };
  };
  try {
    const { result, written } = await path.ledger.transact(decideNow);
    return { judgement: result, written };
  } catch (error) {
    // A refusal stands though it cannot be written; that the ledger has stopped shows in health and at the next request.
    if (denied === null || !(error instanceof ChanceryError)) throw error;
    return { judgement: denied, written: [] };
  }
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
