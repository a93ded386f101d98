import type { Failure } from '../../core/errors.js';
import { PUBKEY_BYTES, pubkeyAt, toAddress, type Pubkey } from '../../core/pubkey.js';
import { resolveAccounts } from '../../solana/accounts.js';
import type { Inquiry } from '../inquiry.js';
import type { KeyPolicy } from '../policy.js';

/** What the transaction as a whole must be like: denied accounts, sizes, co-signers, memo. */
export function conditionsRule(inquiry: Inquiry): readonly Failure[] {
  return [...deniedAccounts(inquiry), ...sizes(inquiry), ...coSigners(inquiry), ...memo(inquiry)];
}

/**
 * No mention at all, in whatever role: an account that is read can steer what a program does, and one that stands only
 * in the data of an instruction can become the owner of what the key opens and fills. An account behind a table that
 * is not pinned could be anybody's, so it is refused when anything is denied.
 */
function deniedAccounts({ assessment, key, path }: Inquiry): readonly Failure[] {
  const denied = key.deny.accounts;
  if (denied.size === 0) return [];
  const rule = `${path}.deny.accounts`;
  const { message: transaction } = assessment;
  const accounts = resolveAccounts(transaction, key.context.tables);
  const tables = transaction.lookups.map(({ table }) => table);
  const found = [...accounts, ...tables].filter((account) => account !== null && denied.has(account));
  const inData = transaction.instructions.flatMap(({ data }) => deniedIn(data, key.deny));
  const failures: Failure[] = [];
  for (const account of new Set([...found, ...inData])) {
    if (account === null) continue;
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

/** Denied accounts whose 32 bytes stand anywhere in the data, at whatever offset. */
function deniedIn(data: Uint8Array, { accounts, prefixes }: KeyPolicy['deny']): readonly Pubkey[] {
  const found: Pubkey[] = [];
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let offset = 0; offset + PUBKEY_BYTES <= bytes.length; offset++) {
    if (!prefixes.has(bytes.readUInt32BE(offset))) continue;
    const account = pubkeyAt(data, offset);
    if (accounts.has(account)) found.push(account);
  }
  return found;
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
