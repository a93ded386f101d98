import { nearest } from '../core/nearest.js';
import type { Operator } from '../ledger/entries.js';
import { appendOne, type Ledger, type Written } from '../ledger/ledger.js';
import { ofEpoch } from '../policy/of-epoch.js';
import type { Policy } from '../policy/policy.js';

export interface RevokedWorkload {
  readonly entry: Written;
  /** Attestations of it that held until now. */
  readonly ended: number;
  /** Null when the policy in force names the workload; else the id that may have been meant, where one is near. */
  readonly unknown: { readonly nearest: string | null } | null;
}

/**
 * Voids every attestation that a workload has, and those not submitted yet whose `issuedAt` is not after now (one made
 * by a clock that runs ahead, by a minute at most, is not among them: revoke again when it has passed). So it is done
 * for any id: one that the policy does not name may be mistyped, or named by a policy to come. The answer tells the
 * two apart. Throws LEDGER_UNAVAILABLE.
 */
export async function revokeWorkload(
  ledger: Ledger,
  policy: Policy,
  asked: { readonly workload: string; readonly reason: string; readonly by: Operator },
): Promise<RevokedWorkload> {
  const { workload } = asked;
  let ended = 0;
  const entry = await appendOne(ledger, (state, now) => {
    const held = ofEpoch(state.allAttestations(now), policy);
    ended = held.filter((one) => one.workload === workload).length;
    return { type: 'revocation', ...asked };
  });
  const ids = policy.workloads.map(({ id }) => id);
  const unknown = ids.includes(workload) ? null : { nearest: nearest(workload, ids) };
  return { entry, ended, unknown };
}
