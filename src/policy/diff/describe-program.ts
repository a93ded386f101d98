import { toAddress } from '../../core/pubkey.js';
import type {
  Bound,
  DeclaredInstruction,
  DeclaredProgram,
  Spend,
} from '../../solana/declared/declared-program.js';

/** A declared program as one sentence: what it may be called for, what it is handed, what is counted. */
export function describeProgram({ program, idl, instructions }: DeclaredProgram): string {
  const calls = instructions.map(describeInstruction).join('; ');
  return `${toAddress(program)}, IDL ${idl}, taken at its word for ${calls}`;
}

function describeInstruction(instruction: DeclaredInstruction): string {
  const { accounts, spends, bounds, remaining } = instruction;
  const named = (kind: string): string[] =>
    accounts.filter(({ role }) => role.kind === kind).map(({ name }) => name);
  const fixed = accounts.flatMap(({ name, role }) =>
    role.kind === 'fixed' ? [`${name} ${toAddress(role.address)}`] : [],
  );
  const parts = [
    phrase('reaching the key as', named('key')),
    phrase('reaching its token accounts as', named('own')),
    phrase('paying', named('destination')),
    phrase('with', fixed),
    spends.length === 0
      ? 'counting nothing'
      : phrase(
          'counting',
          spends.map((spend) => describeSpend(spend, accounts[spend.source]?.name ?? '?')),
        ),
    phrase('where', bounds.map(describeBound)),
    remaining === 0 ? '' : `and up to ${String(remaining)} more accounts`,
  ];
  return `${instruction.name} (${parts.filter((part) => part !== '').join(', ')})`;
}

function phrase(start: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${start} ${items.join(' and ')}`;
}

function describeSpend({ amount, when }: Spend, source: string): string {
  const what = 'constant' in amount ? `${amount.constant.toString()} base units` : amount.argument;
  const only = when === undefined ? '' : ` when ${when.argument} is ${when.equals.toString()}`;
  return `${what} from ${source}${only}`;
}

function describeBound({ argument, least, most, ratio }: Bound): string {
  return [
    ...(least === undefined ? [] : [`${argument} is at least ${least.toString()}`]),
    ...(most === undefined ? [] : [`${argument} is at most ${most.toString()}`]),
    ...(ratio === undefined
      ? []
      : [
          `${argument} is at least ${ratio.numerator.toString()}/${ratio.denominator.toString()} of ${ratio.of}`,
        ]),
  ].join(' and ');
}
