import type { Failure } from '../../core/errors.js';
import { LAMPORTS_PER_SIGNATURE } from '../../solana/fee.js';
import type { FeeBound } from '../../solana/assessment.js';

export const OTHER_PAYER = 'let another account pay the fee';

/**
 * What brings a refused fee below its limit; null when nothing in the transaction does, as for a key that may pay no
 * fee at all. Of the base, `units / 2` goes with the compute unit limit; 5000 lamports a signature stay.
 */
export function lowerFee({ limit }: Failure, fee: FeeBound): string | null {
  const most = BigInt(limit ?? '0');
  const { base, priority, units, signatures, price } = fee;
  const today = LAMPORTS_PER_SIGNATURE * signatures;
  const withoutUnits = base - units / 2n;
  const least = withoutUnits > today ? withoutUnits : today;
  if (least > most) return null;
  const lower = price === null ? 'lower the priority fee' : 'lower the compute unit price';
  const limitUnits = 'set a compute unit limit near what the transaction uses';
  const priorityAlone = base <= most;
  // v1 names its priority fee in the header: no unit is multiplied.
  const unitsAlone = price !== null || priority + least <= most;
  if (priorityAlone) return unitsAlone ? `${lower}, or ${limitUnits}` : lower;
  return unitsAlone ? limitUnits : `${lower}, and ${limitUnits}`;
}
