import { printable } from '../../core/printable.js';
import type { AmountText } from './amount-text.js';
import type { ExplainedDebit, ExplainedEffect, Explanation } from './explanation.js';

/** Details that a debit says better. */
const SAID: ReadonlySet<string> = new Set(['amount', 'mint', 'from', 'to', 'source', 'lamports', 'rent']);

/** One instruction in one plain line; text of the transaction is escaped. */
export function effectLine(
  effect: ExplainedEffect,
  { key, publicKey }: Explanation,
  amount: AmountText,
): string {
  const { instruction, inner, program, name } = effect;
  const place = `${String(instruction)}${inner === undefined ? '' : `.${String(inner)}`}`;
  const who = (address: string): string => (address === publicKey ? key : printable(address));
  const debits = effect.debits ?? [];
  // Arguments of a declared program are named by its IDL: an `amount` there may be what comes back.
  const declared = debits.some(({ reason }) => reason === 'declared');
  const said = (label: string, value: string): boolean =>
    declared
      ? debits.some(({ source }) => source === value)
      : debits.some(({ destination }) => SAID.has(label) || destination === value);
  const says = [
    ...debits.map((debit) => debitText(debit, who, amount)),
    ...details(effect, said, who, amount),
  ];
  const what = name === undefined ? 'an instruction that is not understood' : printable(name);
  const rest = says.length === 0 ? '' : `: ${says.join(', ')}`;
  return `${place.padStart(3)}  ${printable(program)} ${what}${rest}`;
}

function debitText(debit: ExplainedDebit, who: (address: string) => string, amount: AmountText): string {
  const { asset, source, destination, reason } = debit;
  const to = destination === undefined ? '' : ` to ${who(destination)}`;
  const why = REASONS[reason] ?? ` (${printable(reason)})`;
  return `${amount(asset, debit.amount)} from ${who(source)}${to}${why}${ownText(debit)}`;
}

function ownText({ own, counted }: ExplainedDebit): string {
  if (own !== true) return '';
  return counted === false ? ' (an account of the key, not counted)' : ' (an account of the key)';
}

/** Reasons that the name of the instruction does not say already. */
const REASONS: Readonly<Record<string, string>> = {
  transfer: '',
  'create-account': ' for a new account',
  rent: ' for the rent of an account',
  wrap: ' into wrapped SOL',
  burn: ' destroyed',
  stake: ' out of stake',
  declared: ' at most, by the word of the program',
};

function details(
  { program, details: pairs = [] }: ExplainedEffect,
  said: (label: string, value: string) => boolean,
  who: (address: string) => string,
  amount: AmountText,
): string[] {
  return pairs
    .filter(([label, value]) => !said(label, value))
    .map(([label, value]) => {
      if (program === 'memo') return `"${printable(value).replaceAll('"', '\\"')}"`;
      const lamports = /^(\d+) lamports$/.exec(value)?.[1];
      if (lamports !== undefined) return amount('SOL', lamports);
      return `${printable(label)} ${who(value)}`;
    });
}
