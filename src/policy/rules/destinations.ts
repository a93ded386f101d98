import type { Failure } from '../../core/errors.js';
import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { InstructionReport } from '../../solana/assessment.js';
import type { Inquiry } from '../inquiry.js';
import type { KeyPolicy } from '../policy.js';
import { at, where } from './at.js';

/**
 * Everybody who receives must be listed. The key's own addresses need no listing: what is sent there is counted
 * as spend, or trusted by the Sovereign's word.
 */
export function destinationsRule({ assessment, key, path }: Inquiry): readonly Failure[] {
  const allowed = key.destinations;
  if (allowed === 'any') return [];
  const failures: Failure[] = [];
  for (const report of assessment.instructions) {
    for (const pubkey of receivers(report)) {
      if (allowed.has(pubkey) || isOwn(key, pubkey)) continue;
      const destination = toAddress(pubkey);
      failures.push({
        code: 'DESTINATION_NOT_ALLOWED',
        message: `${where(report)}: ${destination} is not a destination of key ${key.id}`,
        ...at(report),
        destination,
        rule: `${path}.destinations`,
      });
    }
  }
  return failures;
}

/** Each account once that receives in an instruction, or that must satisfy the rule though it does not. */
export function receivers(report: InstructionReport): ReadonlySet<Pubkey> {
  const found = new Set(report.destinations);
  for (const { destination } of report.debits) if (destination !== null) found.add(destination);
  return found;
}

export function isOwn(key: KeyPolicy, pubkey: Pubkey): boolean {
  return pubkey === key.publicKey || key.context.ownTokenAccounts.has(pubkey);
}
