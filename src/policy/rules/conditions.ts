import type { Failure } from '../../core/errors.js';
import { toAddress } from '../../core/pubkey.js';
import { resolveAccounts } from '../../solana/accounts.js';
import type { Inquiry } from '../inquiry.js';

/** What the transaction as a whole must be like: denied accounts, sizes, co-signers, memo. */
export function conditionsRule(inquiry: Inquiry): readonly Failure[] {
  return [...deniedAccounts(inquiry), ...sizes(inquiry), ...coSigners(inquiry), ...memo(inquiry)];
}

/**
 * No mention at all, in whatever role: an account that is read can steer what a program does. An account behind
 * a table that is not pinned could be anybody's, so it is refused when anything is denied.
 */
function deniedAccounts({ assessment, key, path }: Inquiry): readonly Failure[] {
  const denied = key.deny.accounts;
  if (denied.size === 0) return [];
  const rule = `${path}.deny.accounts`;
  const accounts = resolveAccounts(assessment.message, key.context.tables);
  const failures: Failure[] = [];
  for (const account of accounts) {
    if (account === null || !denied.has(account)) continue;
    const destination = toAddress(account);
    const message = `the transaction mentions ${destination}, which is denied for key ${key.id}`;
    failures.push({ code: 'DESTINATION_NOT_ALLOWED', message, destination, rule });
  }
  if (accounts.includes(null)) {
    const message = 'an account behind a lookup table that is not pinned could be a denied one';
    failures.push({ code: 'UNRESOLVED_LOOKUP', message, rule });
  }
  return failures;
}

function sizes({ assessment, key, path }: Inquiry): readonly Failure[] {
  const failures: Failure[] = [];
  const check = (what: string, field: string, max: number | null, found: number): void => {
    if (max === null || found <= max) return;
    failures.push({
      code: 'INSTRUCTION_NOT_ALLOWED',
      message: `the transaction has ${String(found)} ${what}; key ${key.id} allows ${String(max)}`,
      limit: String(max),
      requested: String(found),
      rule: `${path}.${field}`,
    });
  };
  check('instructions', 'maxInstructions', key.maxInstructions, assessment.instructions.length);
  check('signers', 'maxSigners', key.maxSigners, assessment.message.signatures);
  return failures;
}

function coSigners({ assessment, key, path }: Inquiry): readonly Failure[] {
  if (key.coSigners.length === 0) return [];
  const { accounts, signatures } = assessment.message;
  const signers = new Set(accounts.slice(0, signatures));
  return key.coSigners
    .filter((needed) => !signers.has(needed))
    .map((needed) => ({
      code: 'NOT_A_SIGNER',
      message: `${toAddress(needed)} must sign with key ${key.id} and is no signer of this transaction`,
      rule: `${path}.coSigners`,
    }));
}

function memo({ assessment, key, path }: Inquiry): readonly Failure[] {
  if (key.memo === null) return [];
  const start = Buffer.from(key.memo, 'ascii');
  const found = assessment.instructions.some(({ programName, index, inner }) => {
    const data = assessment.message.instructions[index]?.data;
    return (
      programName === 'memo' &&
      inner === undefined &&
      data !== undefined &&
      data.length > 0 &&
      start.equals(data.subarray(0, start.length))
    );
  });
  if (found) return [];
  const what = key.memo === '' ? 'a memo' : `a memo that begins with ${JSON.stringify(key.memo)}`;
  return [{ code: 'INSTRUCTION_NOT_ALLOWED', message: `key ${key.id} needs ${what}`, rule: `${path}.memo` }];
}
