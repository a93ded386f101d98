import { pubkeyAt, type Pubkey } from '../../../src/core/pubkey.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import type { VmAccount } from '../solana-svm.js';

/**
 * What a key owns, read from the chain's own account data and nothing else: no code of the counting side is used
 * here except constants. A balance counts only as far as nobody else can take it: an account whose owner,
 * delegate or close authority is a stranger is worth nothing (or that much less).
 */
export type Holdings = ReadonlyMap<string, bigint>;

export interface Owner {
  readonly key: Pubkey;
  /** System accounts that only the key can spend: derived with it as base, and its wrapped SOL address. */
  readonly derived: ReadonlySet<Pubkey>;
  /** Multisig accounts that cannot act without the key. */
  readonly multisigs: ReadonlySet<Pubkey>;
}

export function holdings(owner: Owner, accounts: ReadonlyMap<Pubkey, VmAccount | null>): Holdings {
  const sums = new Map<string, bigint>();
  const add = (unit: string, amount: bigint): void => {
    sums.set(unit, (sums.get(unit) ?? 0n) + amount);
  };
  for (const [address, account] of accounts) {
    if (account !== null) addAccount(owner, address, account, add);
  }
  return sums;
}

function addAccount(
  owner: Owner,
  address: Pubkey,
  account: VmAccount,
  add: (unit: string, amount: bigint) => void,
): void {
  const program = pubkeyAt(account.owner);
  const { data, lamports } = account;
  switch (program) {
    case PROGRAM_IDS.system:
      if (data.length === 0 && (address === owner.key || owner.derived.has(address))) add('SOL', lamports);
      if (data.length === 80 && pubkeyAt(data, 8) === owner.key) add('SOL', lamports);
      return;
    case PROGRAM_IDS.token:
    case PROGRAM_IDS['token-2022']:
      if (data.length >= 165 && data.length !== 355) addToken(owner, program, account, add);
      return;
    case PROGRAM_IDS.stake:
      if (data.length >= 124 && (data[0] === 1 || data[0] === 2) && pubkeyAt(data, 44) === owner.key) {
        if (!heldBack(owner, data)) add('SOL', lamports);
      }
      return;
    case PROGRAM_IDS['address-lookup-table']:
      if (data.length >= 56 && data[0] === 1 && data[21] === 1 && pubkeyAt(data, 22) === owner.key) {
        add('SOL', lamports);
      }
      return;
    default:
  }
}

/** A lockup with a stranger for custodian: what is locked cannot be withdrawn without him. */
function heldBack(owner: Owner, data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const locked = view.getBigInt64(76, true) !== 0n || view.getBigUint64(84, true) !== 0n;
  return locked && pubkeyAt(data, 92) !== owner.key;
}

function addToken(
  owner: Owner,
  program: Pubkey,
  account: VmAccount,
  add: (unit: string, amount: bigint) => void,
): void {
  const { data, lamports } = account;
  // A Token-2022 mint is padded and marked 1 after byte 165; it is no account.
  if (data.length > 165 && data[165] !== 2) return;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const holder = pubkeyAt(data, 32);
  const mine = (key: Pubkey): boolean => key === owner.key || owner.multisigs.has(key);
  if (data[108] === 0 || !mine(holder)) return;
  const mint = pubkeyAt(data, 0);
  const strangerCloses = view.getUint32(129, true) === 1 && !mine(pubkeyAt(data, 133));
  const strangerDraws = view.getUint32(72, true) === 1 && !mine(pubkeyAt(data, 76));
  const amount = view.getBigUint64(64, true);
  const drawn = strangerDraws ? view.getBigUint64(121, true) : 0n;
  const left = amount > drawn ? amount - drawn : 0n;
  if (program === PROGRAM_IDS.token && mint === NATIVE_MINT) {
    if (!strangerCloses) add('SOL', lamports - (amount - left));
    return;
  }
  if (!strangerCloses) add('SOL', lamports);
  add(`${program}:${mint}`, left);
}
