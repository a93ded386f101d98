import { formatAmount } from '../../core/amount.js';
import type { Failure } from '../../core/errors.js';
import type { FeeBound } from '../../solana/assessment.js';
import { instructionText } from '../rules/at.js';
import { lowerFee, OTHER_PAYER } from './fee-advice.js';

/** Decimals of an asset by its name; null when the policy declares none of that name. */
export type DecimalsOf = (asset: string) => number | null;

/**
 * What to change, the same advice once; what somebody else has to do comes last. `fee`: of what was refused; `kept`: the
 * assets of which something is counted that only goes to the key's own accounts.
 */
export function adviceFor(
  failures: readonly Failure[],
  decimalsOf: DecimalsOf,
  fee: FeeBound,
  kept: ReadonlySet<string>,
): readonly string[] {
  const tooMuchAtOnce = new Set(failures.filter(isPerTransaction).map(({ asset }) => asset));
  const found = new Set<string>();
  for (const failure of failures) {
    // Waiting empties a window; it does not help what is too much for one transaction.
    const waits = !tooMuchAtOnce.has(failure.asset);
    for (const sentence of sentences(failure, decimalsOf, waits, fee)) found.add(sentence);
    // A swap that wraps SOL first counts it twice, as it is wrapped and as it is swapped.
    const { code, asset } = failure;
    if (code === 'SPEND_LIMIT_EXCEEDED' && asset !== undefined && kept.has(asset)) found.add(TRUSTED);
  }
  const others = (sentence: string): number => (sentence.startsWith('or ') ? 1 : 0);
  return [...found].sort((left, right) => others(left) - others(right));
}

function isPerTransaction({ code, window }: Failure): boolean {
  return code === 'SPEND_LIMIT_EXCEEDED' && window === undefined;
}

const LIMIT = 'or have the Sovereign sign a policy with a larger limit';
const POLICY = 'or have the Sovereign sign a policy that allows it';
const TRUSTED =
  'or have the Sovereign sign a policy with `ownAccounts: trusted`, by which what goes to accounts of the key is not counted';
const ATTESTATION = 'or ask the Sovereign for an attestation that allows it';

/** Whether it is the scope of the attestation that refuses: a wider policy would not help. */
function isScope({ rule }: Failure): boolean {
  return rule?.startsWith('attestation ') === true;
}

function sentences(
  failure: Failure,
  decimalsOf: DecimalsOf,
  waits: boolean,
  fee: FeeBound,
): readonly string[] {
  const { code } = failure;
  const allowed = isScope(failure) ? ATTESTATION : POLICY;
  switch (code) {
    case 'SPEND_LIMIT_EXCEEDED':
      return [...spend(failure, decimalsOf, waits), isScope(failure) ? ATTESTATION : LIMIT];
    case 'FEE_LIMIT_EXCEEDED': {
      const lower = lowerFee(failure, fee);
      return lower === null ? [OTHER_PAYER, LIMIT] : [lower, `or ${OTHER_PAYER}`];
    }
    case 'RATE_LIMITED':
      return [
        failure.resetsAt === undefined ? 'send fewer transactions' : `wait until ${failure.resetsAt}`,
        'to have again what was authorized already, send the same bytes instead of new ones: that counts nothing',
      ];
    case 'OUTSIDE_HOURS':
      return [
        failure.resetsAt === undefined ? 'wait for the hours of the key' : `wait until ${failure.resetsAt}`,
      ];
    case 'DESTINATION_NOT_ALLOWED':
      return [
        `check ${failure.destination ?? 'the receiver'} by another channel: it may have been replaced on its way to you`,
        allowed,
      ];
    case 'ASSET_NOT_ALLOWED':
      return [asset(failure), allowed];
    case 'PROGRAM_NOT_ALLOWED':
      return [`leave ${place(failure)} out`, allowed];
    case 'OPAQUE_INSTRUCTION':
      return [
        `leave ${place(failure)} out`,
        'or have the Sovereign sign a policy that declares the program, knowing that its word is then taken',
      ];
    case 'INSTRUCTION_NOT_ALLOWED':
      return [
        failure.instruction === undefined
          ? 'build the transaction as the rule demands'
          : `leave ${place(failure)} out, or build it another way`,
      ];
    case 'NOT_A_SIGNER':
      return ['make the keys that must sign signers: the fee payer, or the authority of an instruction'];
    case 'UNRESOLVED_LOOKUP':
      return ['name the account in the message itself instead of in a lookup table', POLICY];
    case 'DURABLE_NONCE_NOT_ALLOWED':
      return ['use a recent blockhash instead of a durable nonce'];
    case 'ATTESTATION_REQUIRED':
    case 'ATTESTATION_STALE':
    case 'ATTESTATION_EXPIRED':
      return ['ask the Sovereign for an attestation: `chancery attest issue`'];
    case 'ATTESTATION_REVOKED':
      return ['ask the operator why it was revoked before asking for another'];
    case 'POSSESSION_REQUIRED':
      // With a rule it is the policy that asks, of an attestation that names no key to prove.
      return failure.rule === undefined
        ? ['prove possession on this WebSocket: getChallenge, sign, authenticate']
        : ['ask the Sovereign for an attestation that names your key: `chancery attest issue --possession`'];
    case 'KEY_NOT_GRANTED':
    case 'UNKNOWN_KEY':
    case 'KEY_RETIRED':
      return ['use a key that listKeys shows'];
    case 'KEY_FROZEN':
      return ['stop and ask the operator: only the Sovereign lifts a freeze'];
    case 'VOTE_UNSAFE':
      return ['leave this vote out; the next one goes on'];
    case 'CLOCK_JUMPED':
    case 'HSM_UNAVAILABLE':
    case 'LEDGER_UNAVAILABLE':
    case 'OVERLOADED':
    case 'INTERNAL':
      return ['tell the operator: `chancery status` says what is wrong'];
    case 'MALFORMED_REQUEST':
    case 'MALFORMED_TRANSACTION':
    case 'MALFORMED_STATEMENT':
    case 'UNKNOWN_METHOD':
    case 'STATEMENT_INVALID':
    case 'QUORUM_NOT_MET':
    case 'WORKLOAD_UNKNOWN':
    case 'WORKLOAD_CHANGED':
      return [];
  }
}

function asset(failure: Failure): string {
  const out = `leave ${failure.asset ?? 'the asset'} out`;
  if (isScope(failure)) return out;
  // Without an instruction it is the fee that would be paid in it.
  return failure.instruction === undefined ? OTHER_PAYER : `${out}; listKeys shows the assets with a limit`;
}

function spend(
  { asset, limit, spent, window, resetsAt, destination }: Failure,
  decimalsOf: DecimalsOf,
  waits: boolean,
): string[] {
  const decimals = asset === undefined ? null : decimalsOf(asset);
  if (asset === undefined || limit === undefined || decimals === null) return [];
  const show = (amount: bigint): string => formatAmount(amount, decimals, asset);
  const fees = asset === 'SOL' && destination === undefined ? ', the fee included' : '';
  const to = destination === undefined ? '' : ` to ${destination}`;
  if (window === undefined) return [`ask for at most ${show(BigInt(limit))}${to} in one transaction${fees}`];
  const room = BigInt(limit) - BigInt(spent ?? '0');
  return [
    room > 0n ? `ask for at most ${show(room)}${to} now${fees}` : `nothing more fits into this ${window} now`,
    ...(resetsAt === undefined || !waits ? [] : [`as it is it fits from ${resetsAt} on`]),
  ];
}

function place({ instruction, inner }: Failure): string {
  return instruction === undefined ? 'the instruction' : instructionText(instruction, inner);
}
