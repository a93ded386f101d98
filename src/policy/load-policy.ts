import { parsePolicy, policyBlobs } from './parse-policy.js';
import type { Policy } from './policy.js';

/** A policy with the bytes it rests on, as they are stored by SHA-256. */
export interface LoadedPolicy {
  readonly policy: Policy;
  /** The IDLs of its declared programs. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * Parses a policy after fetching what it names by digest. `load` gives null for what it does not have, which is
 * then reported as a problem of the policy. Throws POLICY_INVALID, and what `load` throws.
 */
export async function loadPolicy(
  bytes: Uint8Array,
  load: (sha256: string) => Promise<Uint8Array | null>,
): Promise<LoadedPolicy> {
  const found = new Map<string, Uint8Array>();
  for (const sha256 of policyBlobs(bytes)) {
    const blob = await load(sha256);
    if (blob !== null) found.set(sha256, blob);
  }
  const policy = parsePolicy(bytes, { blob: (sha256) => found.get(sha256) ?? null });
  return { policy, blobs: [...found.values()] };
}
