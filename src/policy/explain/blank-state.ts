import type { KeyPolicy } from '../policy.js';
import type { AttestationView, PolicyState } from '../policy-state.js';

/** The possession key of the attestation that is taken for granted. */
export const ASSUMED_POSSESSION = 'assumed';

/** What `blankState` takes for granted, for people. */
export const ASSUMED: readonly string[] = [
  'every window is empty: nothing was spent or signed before',
  'a fresh attestation opens the key, and possession is proved where it is asked for',
  'the key is neither frozen nor retired',
];

/** A past in which nothing happened, for a policy read from a file: the key is open and every window is empty. */
export function blankState(key: KeyPolicy, workload: string, epoch: number, now: number): PolicyState {
  const attestation: AttestationView = {
    id: 'assumed',
    workload,
    keys: [{ id: key.id, publicKey: key.address }],
    issuedAt: now,
    expiresAt: now + key.attestation.maxAge,
    epoch,
    possession: ASSUMED_POSSESSION,
    challenge: { time: now },
    used: 0,
    revoked: null,
  };
  const drained = (room: bigint): number | null => (room < 0n ? null : now);
  return {
    spent: () => 0n,
    drainsTo: (_key, _unit, _window, room) => drained(room),
    spentBy: () => 0n,
    drainsToBy: (_subject, _unit, _window, room) => drained(room),
    attestations: () => [attestation],
    lastAttestation: () => attestation,
    workloadRevoked: () => false,
    frozen: () => null,
    retired: () => false,
    latched: () => false,
    repeats: () => null,
  };
}
