import { toAddress } from '../../core/pubkey.js';
import type {
  Bound,
  DeclaredInstruction,
  DeclaredProgram,
  Spend,
} from '../../solana/declared/declared-program.js';
import { change } from './change.js';

/** What changes in the declaration of a program: what it is, then each instruction for itself. */
export function programChanges(
  before: ReadonlyMap<string, DeclaredProgram>,
  after: ReadonlyMap<string, DeclaredProgram>,
): string[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (now === undefined) return [change('narrows', `program ${name} is gone`)];
    const what = describe(now);
    const changes: string[] = [];
    if (old === undefined) changes.push(change('widens', `program ${name} is declared: ${what}`));
    else if (describe(old) !== what) {
      changes.push(change('widens', `program ${name} is now ${what}, before ${describe(old)}`));
    }
    return [...changes, ...instructionChanges(name, callsOf(old), callsOf(now))];
  });
}

function describe({ program, idl }: DeclaredProgram): string {
  return `${toAddress(program)}, IDL ${idl}`;
}

function callsOf(program: DeclaredProgram | undefined): ReadonlyMap<string, string> {
  return new Map(program?.instructions.map((each) => [each.name, describeInstruction(each)]));
}

/** A declaration that means something else is never called a narrowing: which of its words bind is the program's. */
function instructionChanges(
  program: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const gone = [...before.keys()].filter((name) => !after.has(name));
  return [
    ...[...after].flatMap(([name, text]) => {
      const old = before.get(name);
      if (old === text) return [];
      const was = old === undefined ? '' : `; before, ${old}`;
      return [change('widens', `program ${program}: ${name} is taken at its word, ${text}${was}`)];
    }),
    ...gone.map((name) => change('narrows', `program ${program}: ${name} is gone`)),
  ];
}

/** What it is handed, and so could take if its code broke its word; what is counted; what is demanded. */
function describeInstruction(instruction: DeclaredInstruction): string {
  const { accounts, spends, bounds, remaining } = instruction;
  const named = (kind: string): string[] =>
    accounts.filter(({ role }) => role.kind === kind).map(({ name }) => name);
  const fixed = accounts.flatMap(({ name, role }) =>
    role.kind === 'fixed' ? [`${name} ${toAddress(role.address)}`] : [],
  );
  const parts = [
    phrase('reaching all SOL of the key and lasting authority over its accounts, as', named('key')),
    phrase('reaching the whole balance of its token accounts', named('own')),
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
  return parts.filter((part) => part !== '').join(', ');
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
