import { ChanceryError } from '../../core/errors.js';
import { parseAddress, type Pubkey } from '../../core/pubkey.js';
import { sha256Hex } from '../../core/sha256.js';
import type { AuthorizationBody, PeerRecord } from '../../ledger/entries.js';
import type { Policy } from '../../policy/policy.js';
import { readMessage } from '../../solana/read-message.js';
import { problem, type Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import type { Warrants } from './warrants.js';

/**
 * Whether something entitled each authorization: the policy in force, an attestation for this workload and key in
 * its time, no freeze, a message in which the key is a signer. What the limits said is replay's question.
 */
export function authorityProblems(
  step: Step,
  entry: AuthorizationBody,
  warrants: Warrants,
  policy: Policy | null,
  policyDigest: string,
): Problem[] {
  const found: Problem[] = [];
  const wrong = (message: string): void => {
    found.push(problem('authority', message));
  };
  if (entry.policy !== policyDigest) wrong(`it names policy ${entry.policy}, ${policyDigest} was in force`);
  const key = policy?.keys.get(entry.key);
  if (policy !== null && key?.address !== entry.publicKey)
    wrong('the policy has no such key, or another public key');
  if (policy !== null && key !== undefined && !key.workloads.has(entry.workload)) {
    wrong('the policy does not grant the key to this workload');
  } else if (policy !== null && !mayBe(entry.peer, entry.workload, policy)) {
    wrong('its peer is not one that the policy takes for this workload');
  }
  if (entry.purpose !== 'transaction') wrong(`its purpose is ${entry.purpose}, and nothing signs one`);
  const freeze = warrants.frozen(entry.publicKey);
  if (freeze !== null) wrong(`the key was frozen by ${freeze.hash}`);
  if (warrants.retired(entry.publicKey)) wrong('the key was retired');
  if (warrants.latched(entry.publicKey)) wrong('the key was latched after a faulty signature');
  if (entry.approval !== undefined) wrong('it names an approval, and there is no such statement');
  const why = warrantFault(step, entry, warrants, policy);
  if (why !== null) wrong(why);
  const unread = messageFault(entry, key?.publicKey ?? parseAddress(entry.publicKey));
  if (unread !== null) wrong(unread);
  return found;
}

/**
 * Whether the caller has what the policy names the workload by, of what an entry records: workloads are identified anew
 * under each policy. Paths are cut in entries, and names of users, groups beside the first and digests are not in them.
 */
function mayBe({ uid, gid }: PeerRecord, workload: string, { workloads }: Policy): boolean {
  return workloads.some(
    ({ id, selectors }) =>
      id === workload &&
      selectors.every(
        ({ kind, value }) => (kind !== 'unix:uid' || value === uid) && (kind !== 'unix:gid' || value === gid),
      ),
  );
}

function warrantFault(
  step: Step,
  entry: AuthorizationBody,
  warrants: Warrants,
  policy: Policy | null,
): string | null {
  const warrant = warrants.find(entry.attestation);
  if (warrant === null) return `no attestation ${entry.attestation} stands before it`;
  if (warrant.workload !== entry.workload) return 'the attestation is for another workload';
  if (!warrant.payload.keys.some((key) => key.id === entry.key && key.publicKey === entry.publicKey)) {
    return 'the attestation does not open this key';
  }
  if (step.time >= warrant.expiresAt) return 'the attestation had expired';
  if (warrant.revoked !== null) return 'the attestation was revoked';
  if (policy !== null && warrant.epoch !== policy.sovereign.epoch) {
    return `the attestation is of epoch ${String(warrant.epoch)}, which was over`;
  }
  const { uses, message } = warrant.payload.scope ?? {};
  if (uses !== undefined && warrant.used >= uses && entry.repeats === undefined) {
    return `the attestation was good for ${String(uses)} uses`;
  }
  if (message !== undefined && sha256Hex(messageOf(entry)) !== message)
    return 'the attestation is for one other message';
  return null;
}

/** Its form was checked: the text is the one of its bytes. */
function messageOf({ message }: AuthorizationBody): Buffer {
  return Buffer.from(message, 'base64');
}

function messageFault(entry: AuthorizationBody, publicKey: Pubkey | null): string | null {
  try {
    const message = readMessage(messageOf(entry));
    const signers = message.accounts.slice(0, message.signatures);
    return publicKey !== null && signers.includes(publicKey) ? null : 'the key is no signer of the message';
  } catch (error) {
    if (error instanceof ChanceryError) return `the message cannot be read: ${error.message}`;
    throw error;
  }
}
