import type { Pubkey } from '../../../src/core/pubkey.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import type { Assessment } from '../../../src/solana/assessment.js';
import type { VmAccount } from '../solana-svm.js';
import { chainFee } from './chain-fee.js';
import { holdings } from './value.js';
import type { Cast } from './world.js';

/** Programs that move nothing. */
const IDLE: ReadonlySet<Pubkey> = new Set([PROGRAM_IDS['compute-budget'], PROGRAM_IDS.memo]);

/**
 * A stranger's account that holds more after a step though no debit names it, when nobody but the key can have paid
 * for that: the destination rule was asked about somebody else. Null when all that gained are named, and for steps
 * in which strangers act or pay too: then nothing says who paid whom, and whoever is named may pass it on.
 */
export function unnamedReceiver(
  cast: Cast,
  assessment: Assessment,
  watch: readonly Pubkey[],
  before: readonly (VmAccount | null)[],
  after: readonly (VmAccount | null)[],
): { readonly unit: string; readonly lost: bigint } | null {
  const { message, instructions } = assessment;
  if (instructions.some((report) => !report.touchesKey && !IDLE.has(report.program))) return null;
  const named = namedIn(cast, assessment);
  // A receiver that signs can pay on what it got, in an instruction that only uses the key as the base of an address.
  const signers = message.accounts.slice(0, message.signatures);
  if (signers.some((signer) => signer !== cast.key && named.has(signer))) return null;
  let found: { unit: string; lost: bigint } | null = null;
  for (const [index, address] of watch.entries()) {
    const was = before[index] ?? null;
    const now = after[index] ?? null;
    const fee = address === message.accounts[0] ? chainFee(message) : 0n;
    const lamports = (now?.lamports ?? 0n) + fee - (was?.lamports ?? 0n);
    const tokens = tokensOf(now) - tokensOf(was);
    if (lamports === 0n && tokens === 0n) continue;
    if (belongsToKey(cast, address, was) || belongsToKey(cast, address, now)) continue;
    if (lamports < 0n || tokens < 0n) return null;
    if (named.has(address)) continue;
    if (lamports > 0n) found = { unit: 'SOL', lost: lamports };
    else if (tokens > 0n) found = { unit: address, lost: tokens };
  }
  return found;
}

/** Who is named, with the accounts that rent is paid for in his name. */
function namedIn(cast: Cast, assessment: Assessment): ReadonlySet<Pubkey> {
  const named = new Set<Pubkey>();
  for (const { debits } of assessment.instructions) {
    for (const { destination } of debits) if (destination !== null) named.add(destination);
  }
  if (named.has(cast.attacker)) {
    for (const account of [...cast.theirAta, cast.theirTable, cast.theirNewTable.address]) named.add(account);
  }
  return named;
}

function belongsToKey(cast: Cast, address: Pubkey, account: VmAccount | null): boolean {
  if (address === cast.key || cast.owner.derived.has(address)) return true;
  return holdings(cast.owner, new Map([[address, account]])).size > 0;
}

const TOKEN_PROGRAMS = [PROGRAM_IDS.token, PROGRAM_IDS['token-2022']].map((program) =>
  Buffer.from(program, 'hex'),
);

/** The amount of a token account, whatever its mint. */
function tokensOf(account: VmAccount | null): bigint {
  if (account === null || !TOKEN_PROGRAMS.some((program) => program.equals(account.owner))) return 0n;
  const { data } = account;
  if (data.length < 165 || data.length === 355 || (data.length > 165 && data[165] !== 2)) return 0n;
  return new DataView(data.buffer, data.byteOffset, data.length).getBigUint64(64, true);
}
