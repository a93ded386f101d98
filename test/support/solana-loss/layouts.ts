import { pubkeyBytes, type Pubkey } from '../../../src/core/pubkey.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { u32, u64 } from '../solana-build.js';

/** Account data as the programs store it, for states that transactions alone could not reach quickly. */

export interface TokenState {
  readonly mint: Pubkey;
  readonly owner: Pubkey;
  readonly amount: bigint;
  readonly delegate?: { readonly to: Pubkey; readonly amount: bigint };
  readonly closeAuthority?: Pubkey;
  /** Extensions of Token-2022, already encoded (type, length, value). */
  readonly extensions?: Uint8Array;
}

export const TOKEN_RENT = 2_039_280n;

function option(key: Pubkey | undefined): Buffer {
  return key === undefined ? Buffer.alloc(36) : Buffer.concat([u32(1), pubkeyBytes(key)]);
}

export function tokenAccount(state: TokenState): Buffer {
  const base = Buffer.concat([
    pubkeyBytes(state.mint),
    pubkeyBytes(state.owner),
    u64(state.amount),
    option(state.delegate?.to),
    Buffer.from([1]),
    state.mint === NATIVE_MINT ? Buffer.concat([u32(1), u64(TOKEN_RENT)]) : Buffer.alloc(12),
    u64(state.delegate?.amount ?? 0n),
    option(state.closeAuthority),
  ]);
  return state.extensions === undefined ? base : Buffer.concat([base, Buffer.from([2]), state.extensions]);
}

export function mintAccount(authority: Pubkey, decimals: number, extensions?: Uint8Array): Buffer {
  const base = Buffer.concat([
    option(authority),
    u64(1n << 60n),
    Buffer.from([decimals, 1]),
    option(undefined),
  ]);
  if (extensions === undefined) return base;
  return Buffer.concat([base, Buffer.alloc(165 - base.length), Buffer.from([1]), extensions]);
}

/** Extension 1 of a mint: transfer fee config, the same fee in both epochs. */
export function transferFeeConfig(authority: Pubkey, basisPoints: number, maximum: bigint): Buffer {
  const fee = Buffer.concat([u64(0n), u64(maximum), Buffer.from([basisPoints & 0xff, basisPoints >> 8])]);
  const value = Buffer.concat([pubkeyBytes(authority), pubkeyBytes(authority), u64(0n), fee, fee]);
  return Buffer.concat([Buffer.from([1, 0, value.length, 0]), value]);
}

/** Extension 2 of an account: withheld fees. */
export const TRANSFER_FEE_AMOUNT = Buffer.concat([Buffer.from([2, 0, 8, 0]), Buffer.alloc(8)]);

export function multisigAccount(required: number, signers: readonly Pubkey[]): Buffer {
  const keys = Buffer.alloc(11 * 32);
  signers.forEach((signer, index) => {
    keys.set(pubkeyBytes(signer), index * 32);
  });
  return Buffer.concat([Buffer.from([required, signers.length, 1]), keys]);
}

/** StakeStateV2::Initialized, no lockup. */
export function stakeAccount(staker: Pubkey, withdrawer: Pubkey): Buffer {
  return Buffer.concat([
    u32(1),
    u64(STAKE_RENT),
    pubkeyBytes(staker),
    pubkeyBytes(withdrawer),
    Buffer.alloc(48),
    Buffer.alloc(200 - 124),
  ]);
}

/** StakeStateV2::Stake, delegated since before the first epoch, which the chain takes as fully active. */
export function activeStake(owner: Pubkey, vote: Pubkey, lamports: bigint): Buffer {
  const meta = stakeAccount(owner, owner).subarray(4, 124);
  const delegation = [pubkeyBytes(vote), u64(lamports - STAKE_RENT), u64(NEVER), u64(NEVER), u64(0n)];
  const state = Buffer.concat([u32(2), meta, ...delegation, u64(0n), Buffer.of(0)]);
  return Buffer.concat([state, Buffer.alloc(200 - state.length)]);
}

const NEVER = 2n ** 64n - 1n;

export const STAKE_RENT = 2_282_880n;

/** Nonce state, current version, with a fixed durable nonce. */
export function nonceAccount(authority: Pubkey): Buffer {
  return Buffer.concat([u32(1), u32(1), pubkeyBytes(authority), Buffer.alloc(32, 7), u64(5000n)]);
}

export function lookupTable(
  authority: Pubkey | null,
  addresses: readonly Pubkey[],
  deactivated: bigint | null,
): Buffer {
  return Buffer.concat([
    u32(1),
    u64(deactivated ?? 0xffff_ffff_ffff_ffffn),
    u64(0n),
    Buffer.from([0]),
    authority === null ? Buffer.alloc(33) : Buffer.concat([Buffer.from([1]), pubkeyBytes(authority)]),
    Buffer.alloc(2),
    ...addresses.map((address) => pubkeyBytes(address)),
  ]);
}

/** VoteState, version 3 of the chain's: no votes yet, no commission. */
export function voteAccount(node: Pubkey, withdrawer: Pubkey): Buffer {
  const state = Buffer.concat([
    u32(2),
    pubkeyBytes(node),
    pubkeyBytes(withdrawer),
    Buffer.of(0),
    u64(0n),
    Buffer.of(0),
    // One authorized voter from epoch 0 on, no prior ones.
    u64(1n),
    u64(0n),
    pubkeyBytes(node),
    Buffer.alloc(32 * 48),
    u64(31n),
    Buffer.of(1),
    u64(0n),
    u64(0n),
    u64(0n),
  ]);
  return Buffer.concat([state, Buffer.alloc(3762 - state.length)]);
}
