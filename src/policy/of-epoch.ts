import type { Policy } from './policy.js';

/** What holds of attestations that have not ended: a new epoch of the Sovereign voided those of any other. */
export function ofEpoch<Attestation extends { readonly epoch: number }>(
  attestations: readonly Attestation[],
  { sovereign }: Policy,
): readonly Attestation[] {
  return attestations.filter(({ epoch }) => epoch === sovereign.epoch);
}
