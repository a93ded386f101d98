import { formatTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import type { Policy } from '../policy/policy.js';
import { buildPayload } from '../sovereign/build-payload.js';
import { newStatementId } from './sign-statement.js';
import { NO_POLICY } from './start-ledger.js';

/**
 * What the authorities in force sign to bring a policy into force; `inForce` is null for the first. Refuses here what
 * would be refused later: throws POLICY_INVALID for another signer, a serial that does not grow, an epoch that goes back.
 */
export function policyPayload(next: Policy, inForce: Policy | null, now: number): Uint8Array {
  if (inForce !== null && next.signer !== inForce.signer) {
    throw new ChanceryError('POLICY_INVALID', `signer: ${next.signer}, this ledger is ${inForce.signer}`);
  }
  if (inForce !== null && next.serial <= inForce.serial) {
    throw new ChanceryError(
      'POLICY_INVALID',
      `serial: ${String(next.serial)} is not above ${String(inForce.serial)}, which is in force`,
      { hint: `set it to ${String(inForce.serial + 1)}` },
    );
  }
  if (inForce !== null && next.sovereign.epoch < inForce.sovereign.epoch) {
    throw new ChanceryError(
      'POLICY_INVALID',
      `sovereign.epoch: ${String(next.sovereign.epoch)} is below ${String(inForce.sovereign.epoch)}, which is in force`,
      { hint: 'keep it, or raise it to void every attestation: what was voided must not hold again' },
    );
  }
  return buildPayload('policy', {
    signer: next.signer,
    id: newStatementId(),
    epoch: (inForce ?? next).sovereign.epoch,
    issuedAt: formatTime(now),
    serial: next.serial,
    previous: inForce?.sha256 ?? NO_POLICY,
    sha256: next.sha256,
  });
}
