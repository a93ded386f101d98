import type { VerifyingKey } from '../core/ed25519.js';

/** Purposes a threshold is set for; each statement kind has one. */
export const PURPOSES = [
  'attestation',
  'approval',
  'policy',
  'unfreeze',
  'key',
  'accept-rollback',
  'watermark',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Most signatures a statement carries: a threshold above it could never be met. */
export const MAX_SIGNATURES = 32;

/** How many distinct keys must sign, per purpose. */
export type Threshold = Readonly<Record<Purpose, number>>;

/** Forms of the off-chain preamble an authority may sign with (docs/architecture/sovereign.md). */
export const PREAMBLES = ['sdk-v0', 'ledger-v0', 'kit-v1'] as const;
export type Preamble = (typeof PREAMBLES)[number];

/** What a FIDO key can prove with each signature: that somebody touched it, that its PIN was entered. */
export const REQUIREMENTS = ['touch', 'pin'] as const;
export type Requirement = (typeof REQUIREMENTS)[number];

/** One authority as it stands in policy.yaml and in a genesis statement. */
export interface AuthorityText {
  readonly id: string;
  /** The line of a `.pub` file; exactly one of `ssh` and `solana` is given. */
  readonly ssh?: string | undefined;
  /** A wallet address, base58. */
  readonly solana?: string | undefined;
  /** Off-chain preambles this wallet may sign with; with `solana` only, and then required. */
  readonly preamble?: readonly string[] | undefined;
  /** What a FIDO key must prove at each signature; `[touch]` when absent. */
  readonly require?: readonly string[] | undefined;
}

/** The human authority of a signer: who it is and how many must agree. */
export interface Sovereign {
  /** Grows by one to void every statement made before. */
  readonly epoch: number;
  readonly threshold: Threshold;
  readonly authorities: readonly Authority[];
}

/** One member of the Sovereign. The raw Ed25519 key is its identity: the name is for people. */
export type Authority =
  | {
      readonly id: string;
      readonly scheme: 'sshsig';
      readonly keyType: 'ssh-ed25519' | 'sk-ssh-ed25519@openssh.com';
      readonly key: VerifyingKey;
      /** FIDO application, for sk keys. */
      readonly application?: string;
      readonly require: readonly Requirement[];
    }
  | {
      readonly id: string;
      readonly scheme: 'solana-offchain';
      readonly key: VerifyingKey;
      readonly preambles: readonly Preamble[];
    };

/** The raw key as text, to tell signers apart. */
export function keyOf(authority: Authority): string {
  return Buffer.from(authority.key.bytes).toString('hex');
}
