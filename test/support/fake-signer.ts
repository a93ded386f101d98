import bs58 from 'bs58';
import type { Pubkey } from '../../src/core/pubkey.js';
import { compile, key, systemTransfer, wire } from './solana-build.js';
import { WalletAuthority } from './wallet-authority.js';

export type Version = 'legacy' | 0 | 1;
export const VERSIONS: readonly Version[] = ['legacy', 0, 1];

/** A wire transaction of a few signers, all slots empty, with what a test needs to fill one. */
export class FakeTransaction {
  readonly version: Version;
  readonly message: Buffer;
  readonly bytes: Buffer;
  readonly #signers: number;

  constructor(version: Version, signers: readonly Pubkey[]) {
    this.version = version;
    this.message = compile(version, signers, [systemTransfer(signers[0]!, key(9), 1n)]);
    this.bytes = wire(version, this.message, signers.length);
    this.#signers = signers.length;
  }

  get base64(): string {
    return this.bytes.toString('base64');
  }

  slotOffset(slot: number): number {
    return this.version === 1 ? this.bytes.length - 64 * (this.#signers - slot) : 1 + 64 * slot;
  }

  /** The wire bytes with one slot filled. */
  withSignature(slot: number, signature: Uint8Array): Buffer {
    const copy = Buffer.from(this.bytes);
    copy.set(signature, this.slotOffset(slot));
    return copy;
  }
}

export function pubkeyOf(wallet: WalletAuthority): Pubkey {
  return Buffer.from(wallet.publicKey).toString('hex') as Pubkey;
}

export const WALLET = WalletAuthority.fromSeed('trading-1', Buffer.alloc(32, 1));
export const OTHER = WalletAuthority.fromSeed('other', Buffer.alloc(32, 2));

/** The result of an honest `signTransaction`. */
export function signedReply(
  transaction: FakeTransaction,
  slot: number,
  wallet = WALLET,
): Record<string, unknown> {
  const signature = wallet.raw(transaction.message);
  return {
    signature: bs58.encode(signature),
    transaction: transaction.withSignature(slot, signature).toString('base64'),
    entry: { sequence: '7', hash: 'ab'.repeat(32) },
    limits: [],
    request: '0123456789abcdef',
  };
}

/** The result of `listKeys`. */
export function keyList(id = 'trading-1', wallet = WALLET): unknown[] {
  return [{ id, publicKey: wallet.address, role: 'wallet', attestation: null, limits: [] }];
}
