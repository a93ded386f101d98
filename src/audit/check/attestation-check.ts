import { formatDuration } from '../../core/duration.js';
import type { Policy } from '../../policy/policy.js';
import type { Verified } from '../../sovereign/verify-statement.js';

/**
 * Why an attestation that the Sovereign signed could not be accepted under the policy in force all the same: what an
 * entry of it opens must not be more than the signer would have let it. `challengedAt`: when the head it names was the
 * newest, null when it names none that was given out; `now` is its entry's time. Milliseconds.
 */
export function attestationFaults(
  { payload, issuedAt, expiresAt }: Verified<'attestation'>,
  policy: Policy,
  challengedAt: number | null,
  now: number,
): string[] {
  const found: string[] = [];
  for (const { id, publicKey } of payload.keys) {
    const key = policy.keys.get(id);
    if (key?.address !== publicKey) {
      found.push(`the policy has no key ${id}, or another public key`);
      continue;
    }
    const { maxAge, possession, challenge } = key.attestation;
    if (!key.workloads.has(payload.workload))
      found.push(`the policy does not grant key ${id} to its workload`);
    if (expiresAt === null || expiresAt - issuedAt > maxAge)
      found.push(`it lasts longer than the ${formatDuration(maxAge)} that key ${id} allows`);
    if (possession === 'required' && payload.possession === undefined)
      found.push(`key ${id} requires a possession key`);
    if (challenge === 'required' && payload.ledger === undefined)
      found.push(`key ${id} requires a challenge`);
    if (challengedAt !== null && now - challengedAt > maxAge)
      found.push(`the head it names is older than key ${id} allows`);
  }
  return found;
}
