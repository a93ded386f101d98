import { formatAmount, SOL_DECIMALS } from '../../core/amount.js';
import { printable } from '../../core/printable.js';

/** Writes an amount in units and in base units: `0.5 SOL (500000000 lamports)`. */
export type AmountText = (asset: string, amount: string) => string;

/** Assets without known decimals are written in base units alone. */
export function amountText(
  assets: readonly { readonly name: string; readonly decimals: number }[],
): AmountText {
  const decimals = new Map(assets.map((asset) => [asset.name, asset.decimals]));
  decimals.set('SOL', SOL_DECIMALS);
  return (asset, amount) => {
    const known = decimals.get(asset);
    const name = printable(asset);
    if (known === undefined) return `${printable(amount)} base units of ${name}`;
    const base = `${asset === 'SOL' ? 'lamport' : 'base unit'}${amount === '1' ? '' : 's'}`;
    return `${formatAmount(BigInt(amount), known, name)} (${amount} ${base})`;
  };
}
