import { formatSol } from '../../core/amount.js';
import type { Failure } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';

/** The fee bound of one transaction, when this key pays it. Its window is the SOL limits', which it counts in. */
export function feeRule({ assessment, key, path }: Inquiry): readonly Failure[] {
  const { lamports } = assessment.fee;
  if (lamports === 0n) return [];
  const limit = key.fee?.perTransaction ?? 0n;
  if (key.fee !== null && lamports <= limit) return [];
  return [
    {
      code: 'FEE_LIMIT_EXCEEDED',
      message:
        key.fee === null
          ? `key ${key.id} may not pay fees; this one can cost ${formatSol(lamports)}`
          : `the fee can cost ${formatSol(lamports)}, above the ${formatSol(limit)} a transaction may pay`,
      asset: 'SOL',
      limit: limit.toString(),
      requested: lamports.toString(),
      rule: key.fee === null ? `${path}.fee` : `${path}.fee.perTransaction`,
    },
  ];
}
