import { formatAmount, formatSol } from '../../core/amount.js';
import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';
import { assetsRule } from '../rules/assets.js';
import { openingAttestation } from '../rules/attestation.js';
import { authorityRule } from '../rules/authority.js';
import { conditionsRule } from '../rules/conditions.js';
import { destinationsRule, receivers } from '../rules/destinations.js';
import { feeRule } from '../rules/fee.js';
import { hoursRule } from '../rules/hours.js';
import { programsRule } from '../rules/programs.js';
import { rateRule } from '../rules/rate.js';
import { spendRule } from '../rules/spend.js';
import { structureRule } from '../rules/structure.js';
import type { Tally } from '../tally.js';
import type { CheckReport } from './explanation.js';
import { located } from './located.js';

/**
 * Every rule of the key with what it found, in the order of `decide`: the failing ones say what `decide` says, the
 * passing ones how much room they leave. `decide` alone decides; a test holds the two together.
 */
export function checksOf(inquiry: Inquiry): readonly CheckReport[] {
  const { key, path, tallies } = inquiry;
  const one = (rule: string, failures: readonly Failure[], passing: () => string): CheckReport[] =>
    failures.length === 0
      ? [{ rule, passed: true, sentence: passing() }]
      : failures.map((failure) => ({
          rule: failure.rule ?? rule,
          passed: false,
          sentence: located(failure),
        }));
  const spend = spendRule(inquiry);
  const rate = rateRule(inquiry);
  return [
    ...one('key', authorityRule(inquiry), () => 'in service, and granted to this workload'),
    ...attestation(inquiry),
    ...one('transaction', structureRule(inquiry), () => 'every instruction is understood to its last byte'),
    ...one(`${path}.programs`, programsRule(inquiry), () => programs(inquiry)),
    ...(hasConditions(inquiry)
      ? one(
          path,
          conditionsRule(inquiry),
          () => 'denied accounts, sizes, co-signers and memo are as demanded',
        )
      : []),
    ...one(`${path}.destinations`, destinationsRule(inquiry), () => destinations(inquiry)),
    ...one(`${path}.limits`, assetsRule(inquiry), () => 'everything that leaves has a limit'),
    ...one(`${path}.fee`, feeRule(inquiry), () => fee(inquiry)),
    ...tallies.limits.flat().flatMap((tally) =>
      one(
        tally.rule,
        spend.filter((failure) => about(failure, tally)),
        () => room(inquiry, tally),
      ),
    ),
    ...tallies.rates.flatMap((tally) =>
      one(
        tally.rule,
        rate.filter(({ rule }) => rule === tally.rule),
        () => rateRoom(inquiry, tally),
      ),
    ),
    ...(key.hours === null
      ? []
      : one(`${path}.hours`, hoursRule(inquiry), () => `open now in ${key.hours?.zone ?? ''}`)),
  ];
}

/** A limit of each destination has one rule and a tally for every receiver: its failures name whose they are. */
function about({ rule, destination }: Failure, tally: Tally): boolean {
  if ((destination ?? null) !== tally.destination) return false;
  return rule === tally.rule || rule === `${tally.rule}.perTransaction`;
}

function attestation(inquiry: Inquiry): readonly CheckReport[] {
  const opening = openingAttestation(inquiry);
  if (opening.attestation === null) {
    return opening.failures.map((failure) => ({
      rule: failure.rule ?? 'attestation',
      passed: false,
      sentence: located(failure),
    }));
  }
  const { id, expiresAt } = opening.attestation;
  return [{ rule: 'attestation', passed: true, sentence: `${id} holds until ${formatTime(expiresAt)}` }];
}

function hasConditions({ key }: Inquiry): boolean {
  return (
    key.deny.accounts.size > 0 ||
    key.maxInstructions !== null ||
    key.maxSigners !== null ||
    key.coSigners.length > 0 ||
    key.memo !== null
  );
}

function programs({ assessment }: Inquiry): string {
  const names = new Set(assessment.instructions.map(({ programName }) => programName ?? 'unknown'));
  return names.size === 0 ? 'it calls no program' : `${[...names].join(', ')}: allowed`;
}

function destinations({ assessment, key }: Inquiry): string {
  if (key.destinations === 'any') return 'any receiver is allowed';
  const { instructions } = assessment;
  const count = new Set(instructions.flatMap((report) => [...receivers(report)])).size;
  const named = count === 1 ? 'the one receiver is allowed' : `all ${String(count)} receivers are allowed`;
  // A swap pays into a pool that whoever builds the transaction chooses.
  const elsewhere = instructions
    .flatMap(({ debits }) => debits)
    .some(({ reason, destination }) => reason === 'declared' && destination === null);
  if (!elsewhere) return count === 0 ? 'nobody receives anything' : named;
  return `${count === 0 ? 'no receiver is named' : named}; what declared programs take goes where they send it`;
}

function fee({ assessment, key }: Inquiry): string {
  if (assessment.fee.lamports === 0n) return 'the key pays no fee';
  return `at most ${formatSol(assessment.fee.lamports)}, of the ${formatSol(key.fee?.perTransaction ?? 0n)} allowed`;
}

function room({ policy, repeats }: Inquiry, tally: Tally): string {
  const { unit, window, max, spent, requested, destination } = tally;
  const decimals = policy.assets.get(unit)?.decimals ?? 0;
  const show = (amount: bigint): string => formatAmount(amount, decimals, unit);
  const to = destination === null ? '' : ` to ${destination}`;
  const held = spent === null ? 'without a meter' : `${show(spent)} spent`;
  if (requested === 0n) return `takes none${to}; ${held} of ${show(max)} in ${window}`;
  const asked = repeats === null ? `${show(requested)} more${to}` : `${show(requested)}${to}, counted before`;
  return `${asked}; ${held} of ${show(max)} in ${window}`;
}

function rateRoom({ repeats }: Inquiry, { window, max, spent }: Tally): string {
  const more = repeats === null ? 'one more' : 'none more, it is a repeat';
  return `${more}; ${String(spent ?? max)} of ${String(max)} transactions in ${window}`;
}
