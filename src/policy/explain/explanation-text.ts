import { formatAmount, formatSol, SOL_DECIMALS } from '../../core/amount.js';
import { printable } from '../../core/printable.js';
import { amountText, type AmountText } from './amount-text.js';
import { effectLine } from './effect-line.js';
import type { Explanation, ExplainedLimit } from './explanation.js';
import { located } from './located.js';

/** The report for people, without a final line feed. Text of other parties is escaped. */
export function explanationText(explanation: Explanation): string {
  const amount = amountText(explanation.assets);
  const sections = [
    headline(explanation),
    section(shape(explanation), effects(explanation, amount)),
    section('the most it can cost', cost(explanation, amount)),
    section('what declared programs could reach', explanation.exposure.flatMap(exposed)),
    section('rules', explanation.checks.map(checkLine)),
    section(
      leftTitle(explanation),
      explanation.limits.map((limit) => limitLine(limit, explanation)),
    ),
    section(
      'what to change',
      explanation.advice.map((sentence) => `- ${printable(sentence)}`),
    ),
    section(
      'taken for granted',
      (explanation.assumed ?? []).map((sentence) => `- ${sentence}`),
    ),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function headline({ decision, failures, key }: Explanation): readonly string[] {
  switch (decision) {
    case 'allow':
      return [`ALLOWED: ${printable(key)} would sign this`];
    case 'signed':
      return [`AUTHORIZED: ${printable(key)} was asked to sign this`];
    case 'deny': {
      const codes = [...new Set(failures.map(({ code }) => code))];
      // A ledger entry has the codes alone.
      const said = failures.filter(({ code, message }) => message !== code);
      return [
        `REFUSED: ${codes.map(printable).join(', ')}`,
        ...said.map((failure) => `  ${printable(located(failure))}`),
      ];
    }
  }
}

function shape({ transaction, key }: Explanation): string {
  const { version, signers, slot } = transaction;
  const many = signers === 1 ? '1 signer' : `${String(signers)} signers`;
  const place =
    slot === null
      ? `${printable(key)} is none of them`
      : signers === 1
        ? printable(key)
        : `${printable(key)} is number ${String(slot + 1)}`;
  return `what it does (${printable(version)}, ${many}: ${place})`;
}

function effects(explanation: Explanation, amount: AmountText): readonly string[] {
  if (explanation.effects.length === 0) return ['nothing: it has no instructions'];
  return explanation.effects.map((effect) => effectLine(effect, explanation, amount));
}

function cost(explanation: Explanation, amount: AmountText): readonly string[] {
  const { counted, repeats, fee, feeBound } = explanation;
  if (repeats !== undefined) {
    return [`nothing more: these very bytes were counted in entry ${printable(repeats)}`];
  }
  const lines: string[] = [];
  for (const { unit, amount: units } of counted) {
    if (unit === 'fee' || unit === 'transactions') continue;
    const spent = BigInt(units) - BigInt(fee);
    const parts =
      unit === 'SOL' && fee !== '0' && spent > 0n
        ? ` = ${formatSol(spent)} that leaves + ${formatSol(BigInt(fee))} of fee`
        : '';
    lines.push(`${amount(unit, units)}${parts}`);
  }
  return [...lines, ...feeLines(fee, feeBound)];
}

function feeLines(fee: string, parts: Explanation['feeBound']): readonly string[] {
  if (!parts.payer) return ['no fee: another account pays it'];
  const { base, priority, signatures, units, unitsSet, price } = parts;
  const today = 5000n * BigInt(signatures);
  const lines = [`fee at most ${fee} lamports = base ${base} + priority ${priority}`];
  if (BigInt(base) > today) {
    lines.push(
      `  base: ${String(today)} today (5000 for each of ${String(signatures)}); counted is what a drafted change of Solana's`,
      `  fees (SIMD-0553) could take instead, by what the transaction may load and compute`,
    );
  }
  if (price !== undefined && price !== '0') {
    lines.push(`  priority: ${price} micro-lamports for each of ${String(units)} compute units`);
  }
  if (!unitsSet) {
    lines.push(
      `  no compute unit limit is set, so ${String(units)} units are assumed: setting one lowers the fee that is counted`,
    );
  }
  return lines;
}

function exposed({ sentence, accounts }: Explanation['exposure'][number]): readonly string[] {
  return [printable(sentence), ...accounts.map((account) => `  ${printable(account)}`)];
}

function checkLine({ rule, passed, sentence }: Explanation['checks'][number]): string {
  return `${passed ? 'ok  ' : 'FAIL'}  ${printable(rule)}: ${printable(sentence)}`;
}

function leftTitle({ decision }: Explanation): string {
  return decision === 'allow' ? 'what is left after it' : 'what is left now';
}

function limitLine(limit: ExplainedLimit, { assets }: Explanation): string {
  const { asset, destination, workload, window, max, remaining } = limit;
  const decimals = asset === 'SOL' ? SOL_DECIMALS : assets.find(({ name }) => name === asset)?.decimals;
  const show = (units: string): string =>
    decimals === undefined
      ? `${units} ${printable(asset)}`
      : formatAmount(BigInt(units), decimals, printable(asset));
  const to = destination === undefined ? '' : ` to ${printable(destination)}`;
  const by = workload === undefined ? '' : ` for ${printable(workload)}`;
  return `${show(remaining)} of ${show(max)} in ${printable(window)}${to}${by}`;
}
