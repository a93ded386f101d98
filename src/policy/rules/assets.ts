import type { Failure } from '../../core/errors.js';
import { toAddress } from '../../core/pubkey.js';
import { declaredAsset, isSpend, type Inquiry } from '../inquiry.js';
import { at, where } from './at.js';

/** An asset without a limit may not be spent: what is absent is nothing, not everything. */
export function assetsRule({ assessment, policy, key, path }: Inquiry): readonly Failure[] {
  const failures: Failure[] = [];
  const limited = new Set(key.limits.map(({ asset }) => asset.name));
  for (const report of assessment.instructions) {
    const seen = new Set<string>();
    for (const debit of report.debits) {
      if (!isSpend(key, debit)) continue;
      const declared = declaredAsset(policy, debit.asset);
      if (declared !== null && limited.has(declared.name)) continue;
      const asset = declared?.name ?? (debit.asset.kind === 'sol' ? 'SOL' : toAddress(debit.asset.mint));
      if (seen.has(asset)) continue;
      seen.add(asset);
      const why =
        declared === null ? 'not an asset the policy declares' : `without a limit for key ${key.id}`;
      failures.push({
        code: 'ASSET_NOT_ALLOWED',
        message: `${where(report)}: ${asset} is ${why}`,
        ...at(report),
        asset,
        requested: debit.amount.toString(),
        rule: `${path}.limits`,
      });
    }
  }
  const { lamports } = assessment.fee;
  if (lamports > 0n && !limited.has('SOL')) {
    failures.push({
      code: 'ASSET_NOT_ALLOWED',
      message: `fees are paid in SOL, which is without a limit for key ${key.id}`,
      asset: 'SOL',
      requested: lamports.toString(),
      rule: `${path}.limits`,
    });
  }
  return failures;
}
