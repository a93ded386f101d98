import { formatTime } from '../../core/clock.js';
import { formatDuration } from '../../core/duration.js';
import type { Failure, WireCode } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';
import type { AttestationView } from '../policy-state.js';
import { scopeFailures } from './attestation-scope.js';

/** Which attestation opens the key, or why none does. */
export type Opening =
  | { readonly attestation: AttestationView }
  | { readonly attestation: null; readonly failures: readonly [Failure, ...Failure[]] };

/** How far an attestation is from allowing, by the worst thing it fails for; one that only its scope stops is 0. */
const DISTANCE: Partial<Record<WireCode, number>> = {
  POSSESSION_REQUIRED: 1,
  ATTESTATION_REQUIRED: 2,
  ATTESTATION_STALE: 3,
  ATTESTATION_EXPIRED: 4,
  ATTESTATION_REVOKED: 5,
};

/**
 * The newest live attestation that allows this request; when none does, the failures of the one that comes
 * nearest. Its cost grows with the live attestations of this workload and key, of which each took a quorum of
 * the Sovereign.
 */
export function openingAttestation(inquiry: Inquiry): Opening {
  const { question, key, state, now } = inquiry;
  let nearest: readonly [Failure, ...Failure[]] | null = null;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const attestation of state.attestations(question.workload, key.address, now)) {
    const own = ownFailures(inquiry, attestation);
    const scope = scopeFailures(inquiry, attestation);
    const first = own[0] ?? scope.next().value;
    if (first === undefined) return { attestation };
    const distance = Math.max(0, ...own.map(({ code }) => DISTANCE[code] ?? 0));
    if (distance < nearestDistance) {
      nearest = [first, ...own.slice(1), ...scope];
      nearestDistance = distance;
    }
  }
  return { attestation: null, failures: nearest ?? [whyNone(inquiry)] };
}

function ownFailures(inquiry: Inquiry, attestation: AttestationView): readonly Failure[] {
  const { key, policy, question, state, now, path } = inquiry;
  const failures: Failure[] = [];
  const fail = (code: WireCode, message: string, rule?: string): void => {
    failures.push({ code, message, ...(rule === undefined ? {} : { rule }) });
  };
  const { id, workload, issuedAt, expiresAt, epoch, possession, challenge } = attestation;
  const names = attestation.keys.some((named) => named.publicKey === key.address && named.id === key.id);
  if (workload !== question.workload || !names) {
    fail('ATTESTATION_REQUIRED', `attestation ${id} does not name key ${key.id} for this workload`);
  }
  if (attestation.revoked !== null || state.workloadRevoked(question.workload, issuedAt)) {
    fail('ATTESTATION_REVOKED', `attestation ${id} is revoked`);
  }
  if (epoch !== policy.sovereign.epoch) {
    const now = String(policy.sovereign.epoch);
    fail('ATTESTATION_REVOKED', `attestation ${id} is of epoch ${String(epoch)}; the epoch is ${now}`);
  }
  if (now >= expiresAt) fail('ATTESTATION_EXPIRED', `attestation ${id} expired at ${formatTime(expiresAt)}`);
  const { maxAge } = key.attestation;
  const age = `${path}.attestation.maxAge`;
  if (now - issuedAt > maxAge) {
    const old = formatDuration(now - issuedAt);
    fail('ATTESTATION_STALE', `attestation ${id} is ${old} old, above ${formatDuration(maxAge)}`, age);
  }
  if (key.attestation.challenge === 'required') {
    const rule = `${path}.attestation.challenge`;
    if (challenge === undefined) {
      fail('ATTESTATION_REQUIRED', `attestation ${id} names no head of this ledger, which is required`, rule);
    } else if (now - challenge.time > maxAge) {
      const old = formatDuration(now - challenge.time);
      fail('ATTESTATION_STALE', `the ledger head of attestation ${id} is ${old} old`, rule);
    }
  }
  if (possession === undefined) {
    if (key.attestation.possession === 'required') {
      const message = `attestation ${id} names no possession key, which is required`;
      fail('POSSESSION_REQUIRED', message, `${path}.attestation.possession`);
    }
  } else if (!question.possessed.has(possession)) {
    fail('POSSESSION_REQUIRED', `this connection has not proved possession of ${possession}`);
  }
  return failures;
}

/** Nothing is live: say whether there ever was one, and what became of the newest. */
function whyNone({ question, key, state, now }: Inquiry): Failure {
  const last = state.lastAttestation(question.workload, key.address);
  if (last !== null && (last.revoked !== null || state.workloadRevoked(question.workload, last.issuedAt))) {
    return { code: 'ATTESTATION_REVOKED', message: `attestation ${last.id} is revoked` };
  }
  if (last !== null && now >= last.expiresAt) {
    const message = `attestation ${last.id} expired at ${formatTime(last.expiresAt)}`;
    return { code: 'ATTESTATION_EXPIRED', message };
  }
  return {
    code: 'ATTESTATION_REQUIRED',
    message: `no attestation opens key ${key.id} to this workload`,
  };
}
