import { encodeBase58 } from '../core/base58.js';
import { ChanceryError } from '../core/errors.js';
import type { Written } from '../ledger/ledger.js';
import { withSignature } from '../solana/with-signature.js';
import { authorityLost } from './authority.js';
import { authorize, type Authorized } from './authorize.js';
import type { Caller } from './caller.js';
import { enrolFailure, enrolSignature, latchKey } from './outcome.js';
import { DispatchDeadline } from './dispatch-deadline.js';
import type { Path } from './path.js';
import { reached } from './points.js';

export interface SignRequest {
  /** Key id in the policy. */
  readonly key: string;
  /** The wire transaction. */
  readonly transaction: Uint8Array;
  /** Request id: in the reply, the ledger and the log. */
  readonly id: string;
  /** Aborted when the client goes away; an authorization already made still gets its outcome. */
  readonly signal?: AbortSignal;
}

export interface Signed {
  /** Base58 of the 64 bytes. */
  readonly signature: string;
  /** The wire transaction with the key's slot filled and nothing else changed. */
  readonly transaction: Uint8Array;
  /** The signature's entry in the ledger. */
  readonly entry: Written;
  readonly authorized: Authorized;
}

/**
 * The request path. Each await is a point at which the process may die; see points.ts for what is durable at each.
 * Throws ChanceryError with the codes of docs/errors.md; once an authorization is durable, every way out of here has
 * written its outcome first (or the ledger has stopped, and the next start writes `recovered`).
 */
export async function signTransaction(path: Path, caller: Caller, request: SignRequest): Promise<Signed> {
  const authorized = await authorize(path, caller, request);
  reached('authorized', request.id);
  const signature = await askToken(path, authorized);
  reached('signed', request.id);
  const text = encodeBase58(signature);
  const entry = await enrolSignature(path, authorized, text);
  reached('enrolled', request.id);
  const lost = authorityLost(authorized.grant, path);
  if (lost !== null) throw lost;
  const { transaction, slot } = authorized;
  return { signature: text, transaction: withSignature(transaction, slot, signature), entry, authorized };
}

/** The token signs the very bytes that were judged; what it returns is verified before anything else sees it. */
async function askToken(path: Path, authorized: Authorized): Promise<Uint8Array> {
  const { grant, transaction, request } = authorized;
  const { message } = transaction;
  const deadline = new DispatchDeadline(path.clock);
  const dispatch = (): void => {
    const lost = deadline.passed() ?? authorityLost(grant, path);
    if (lost !== null) throw lost;
    reached('dispatched', request);
  };
  let signature: Uint8Array;
  try {
    signature = await path.signer.sign({
      key: grant.key.publicKey,
      message: message.bytes,
      priority: 'normal',
      workload: grant.caller.workload,
      dispatch,
    });
  } catch (error) {
    const refused =
      error instanceof ChanceryError
        ? error
        : new ChanceryError('HSM_UNAVAILABLE', 'the token failed', { cause: error });
    await enrolFailure(path, authorized, refused.code);
    throw refused;
  }
  if (path.verify(path.policies.verifyingKey(grant.key.address), message.bytes, signature)) return signature;
  // A faulty and a correct Ed25519 signature over one message reveal the private key: this one goes nowhere.
  await latchKey(path, authorized);
  throw new ChanceryError('HSM_UNAVAILABLE', `key ${grant.key.id} made a faulty signature and is latched`, {
    hint: 'an operator must check the token before the key is used again',
  });
}
