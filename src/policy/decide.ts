import type { Failure } from '../core/errors.js';
import { exposureOf } from './exposure.js';
import { inquire, type Inquiry } from './inquiry.js';
import { limitReport } from './limits-of.js';
import type { PolicyState } from './policy-state.js';
import { assetsRule } from './rules/assets.js';
import { openingAttestation } from './rules/attestation.js';
import { authorityRule } from './rules/authority.js';
import { conditionsRule } from './rules/conditions.js';
import { destinationsRule } from './rules/destinations.js';
import { feeRule } from './rules/fee.js';
import { hoursRule } from './rules/hours.js';
import { programsRule } from './rules/programs.js';
import { rateRule } from './rules/rate.js';
import { spendRule } from './rules/spend.js';
import { structureRule } from './rules/structure.js';
import type { Count, LimitReport, Question, Verdict } from './verdict.js';

/** In the order their failures are reported: the first one names the refusal. */
const RULES: readonly ((inquiry: Inquiry) => readonly Failure[])[] = [
  structureRule,
  programsRule,
  conditionsRule,
  destinationsRule,
  assetsRule,
  feeRule,
  spendRule,
  rateRule,
  hoursRule,
];

/**
 * Whether the policy lets this key sign this transaction for this workload now. Pure: the same question and
 * state give the same verdict, so `explain` asks it without reserving and an audit asks it again (I5).
 *
 * Every rule is asked, so a refusal names all that failed with exact figures. It reads a bounded number of
 * meters, whatever the ledger holds. The caller MUST append what `counted` says in the same step.
 */
export function decide(question: Question, state: PolicyState): Verdict {
  const inquiry = inquire(question, state);
  const opening = openingAttestation(inquiry);
  const found = [
    ...authorityRule(inquiry),
    ...(opening.attestation === null ? opening.failures : []),
    ...RULES.flatMap((rule) => rule(inquiry)),
  ];
  const counted = countsOf(inquiry);
  const exposure = exposureOf(inquiry);
  if (opening.attestation !== null && !isSome(found)) {
    const { repeats } = inquiry;
    const attestation = opening.attestation.id;
    return { decision: 'allow', attestation, counted, repeats, limits: reports(inquiry, true), exposure };
  }
  const failures: Some = isSome(found) ? found : [NOTHING_OPENS];
  return { decision: 'deny', failures, counted, limits: reports(inquiry, false), exposure };
}

type Some = readonly [Failure, ...Failure[]];

function isSome(failures: readonly Failure[]): failures is Some {
  return failures.length > 0;
}

/** Never reached while an opening without attestation says why; were it to be silent, the answer is still no. */
const NOTHING_OPENS: Failure = { code: 'ATTESTATION_REQUIRED', message: 'no attestation opens this key' };

/** What this request adds to the meters: nothing when it repeats bytes that were counted already. */
function countsOf({ amounts, repeats }: Inquiry): readonly Count[] {
  return repeats === null ? [...amounts].map(([unit, amount]) => ({ unit, amount })) : [];
}

function reports({ tallies, repeats }: Inquiry, counted: boolean): readonly LimitReport[] {
  return [...tallies.limits.flat(), ...tallies.rates].map((tally) =>
    limitReport(tally, repeats === null ? tally.requested : 0n, counted),
  );
}
