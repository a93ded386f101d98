import { formatAmount } from '../../core/amount.js';
import type { Failure } from '../../core/errors.js';
import { toAddress } from '../../core/pubkey.js';
import type { Inquiry } from '../inquiry.js';
import type { AttestationView, ScopeView } from '../policy-state.js';
import { at, where } from './at.js';
import { isOwn, receivers } from './destinations.js';

/**
 * What an attestation narrows. A part that is given is a whole list: an asset, program or destination it does
 * not name is outside it. A part that is absent leaves the policy's rule as it is.
 *
 * One by one, since of several attestations only the nearest is explained: of the others, whether there is a first
 * failure is all that is asked.
 */
export function* scopeFailures(inquiry: Inquiry, attestation: AttestationView): Generator<Failure, void> {
  const { scope, id, used } = attestation;
  if (scope === undefined) return;
  const path = `attestation ${id} scope`;
  if (scope.message !== undefined && scope.message !== inquiry.question.messageHash) {
    yield {
      code: 'ATTESTATION_REQUIRED',
      message: `attestation ${id} is good for one other message only`,
      rule: `${path}.message`,
    };
  }
  if (scope.uses !== undefined && inquiry.repeats === null && used >= scope.uses) {
    yield {
      code: 'ATTESTATION_REQUIRED',
      message: `attestation ${id} is used up`,
      limit: String(scope.uses),
      spent: String(used),
      requested: '1',
      rule: `${path}.uses`,
    };
  }
  yield* limits(inquiry, scope, path);
  yield* programs(inquiry, scope, path);
  yield* destinations(inquiry, scope, path);
}

function* limits(inquiry: Inquiry, { limits }: ScopeView, path: string): Generator<Failure, void> {
  if (limits === undefined) return;
  const { amounts, policy, assessment } = inquiry;
  for (const [name, amount] of amounts) {
    const asset = policy.assets.get(name);
    const index = limits.findIndex((limit) => limit.asset === name);
    // Fees have their own rule: a scope that names only tokens does not forbid paying for the transaction.
    const requested = index < 0 && name === 'SOL' ? amount - assessment.fee.lamports : amount;
    if (asset === undefined || requested === 0n) continue;
    const limit = BigInt(limits[index]?.perTransaction ?? '0');
    if (requested <= limit) continue;
    const show = (amount: bigint): string => formatAmount(amount, asset.decimals, asset.name);
    yield {
      code: index < 0 ? 'ASSET_NOT_ALLOWED' : 'SPEND_LIMIT_EXCEEDED',
      message: `${show(requested)} is above the ${show(limit)} the attestation allows a transaction`,
      asset: name,
      limit: limit.toString(),
      requested: requested.toString(),
      rule: index < 0 ? `${path}.limits` : `${path}.limits[${String(index)}]`,
    };
  }
}

function* programs({ assessment }: Inquiry, scope: ScopeView, path: string): Generator<Failure, void> {
  const allowed = scope.programs;
  if (allowed === undefined) return;
  for (const report of assessment.instructions) {
    if (report.programName !== null && allowed.includes(report.programName)) continue;
    yield {
      code: 'PROGRAM_NOT_ALLOWED',
      message: `${where(report)}: the attestation does not allow this program`,
      ...at(report),
      program: toAddress(report.program),
      rule: `${path}.programs`,
    };
  }
}

function* destinations(inquiry: Inquiry, scope: ScopeView, path: string): Generator<Failure, void> {
  if (scope.destinations === undefined) return;
  const { assessment, key, policy } = inquiry;
  const listed = policy.book.listed(scope.destinations);
  for (const report of assessment.instructions) {
    for (const pubkey of receivers(report)) {
      if (listed.has(pubkey) || isOwn(key, pubkey)) continue;
      const destination = toAddress(pubkey);
      yield {
        code: 'DESTINATION_NOT_ALLOWED',
        message: `${where(report)}: ${destination} is not a destination the attestation allows`,
        ...at(report),
        destination,
        rule: `${path}.destinations`,
      };
    }
  }
}
