/** Decimal amounts with a unit, e.g. `0.5 SOL`, to and from base units. Exact: no floating point anywhere. */

const AMOUNT = /^(0|[1-9]\d{0,19})(?:\.(\d{1,19}))? ([A-Za-z][A-Za-z0-9._-]{0,31})$/;

export interface ParsedAmount {
  readonly unit: string;
  /** Digits of the number, kept apart until the decimals of the unit are known. */
  readonly whole: string;
  readonly fraction: string;
}

/** Null when the text is not `<decimal> <unit>`. */
export function parseAmount(text: string): ParsedAmount | null {
  const match = AMOUNT.exec(text);
  if (match?.[1] === undefined || match[3] === undefined) return null;
  return { whole: match[1], fraction: match[2] ?? '', unit: match[3] };
}

/** Base units; null when the fraction is finer than one base unit or the result passes u64. */
export function toBaseUnits(amount: ParsedAmount, decimals: number): bigint | null {
  if (amount.fraction.length > decimals) return null;
  const units = BigInt(amount.whole + amount.fraction.padEnd(decimals, '0'));
  return units <= 0xffff_ffff_ffff_ffffn ? units : null;
}

/** `1500000000` with 9 decimals and unit SOL is `1.5 SOL`. */
export function formatAmount(units: bigint, decimals: number, unit: string): string {
  const digits = units.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`} ${unit}`;
}

export const SOL_DECIMALS = 9;

export function formatSol(lamports: bigint): string {
  return formatAmount(lamports, SOL_DECIMALS, 'SOL');
}
