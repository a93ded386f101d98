import { FULL_WINDOW } from '../core/full-window.js';
import type { RateWindow } from './policy.js';

/** What the policy asks of an attestation; the ledger's `AttestationRecord` is one. Times in milliseconds. */
export interface AttestationView {
  readonly id: string;
  readonly workload: string;
  readonly keys: readonly { readonly id: string; readonly publicKey: string }[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly epoch: number;
  readonly possession?: string;
  /** The ledger head it names, with the time of the last entry of that head. */
  readonly challenge?: { readonly time: number };
  readonly scope?: ScopeView;
  readonly used: number;
  readonly revoked: string | null;
}

export interface ScopeView {
  readonly limits?: readonly { readonly asset: string; readonly perTransaction: string }[];
  readonly programs?: readonly string[];
  readonly destinations?: readonly string[];
  readonly uses?: number;
  readonly message?: string;
}

/** Whose meter it is, below the key: what it spent for one workload, or on one account (base58). */
export type Subject =
  | { readonly kind: 'workload'; readonly publicKey: string; readonly workload: string }
  | { readonly kind: 'destination'; readonly publicKey: string; readonly destination: string };

/** What counts as spent under a limit of `max`: a window that is full holds all of it, and no figure of its own. */
export function heldUnder(max: bigint, spent: bigint | null): bigint | null {
  return spent !== null && spent >= FULL_WINDOW ? max : spent;
}

/** The windows of one key and unit. `spent` may count too much, never too little. */
export interface Meters {
  /** Base units held by the window now. */
  spent(publicKey: string, unit: string, window: RateWindow, now: number): bigint;
  /** Earliest time (ms) at which the window holds at most `room` if nothing is added; null when it never will. */
  drainsTo(publicKey: string, unit: string, window: RateWindow, room: bigint, now: number): number | null;
  /** The same below a key. A state that keeps no such meters has neither, and a limit that needs one refuses. */
  spentBy?(subject: Subject, unit: string, window: RateWindow, now: number): bigint;
  drainsToBy?(subject: Subject, unit: string, window: RateWindow, room: bigint, now: number): number | null;
}

/**
 * All that a decision reads of the past. The ledger's fold satisfies it; the policy imports nothing of the
 * ledger, and a type test holds the two together. Public keys are base58.
 */
export interface PolicyState extends Meters {
  /** Live ones (neither expired nor revoked) for the pair, newest first. */
  attestations(workload: string, publicKey: string, now: number): readonly AttestationView[];
  /** The newest for the pair that is remembered, dead or alive: to name why none is live. */
  lastAttestation(workload: string, publicKey: string): AttestationView | null;
  workloadRevoked(workload: string, attestationIssuedAt: number): boolean;
  frozen(publicKey: string): { readonly reason: string; readonly time: number } | null;
  retired(publicKey: string): boolean;
  latched(publicKey: string): boolean;
  repeats(
    publicKey: string,
    workload: string,
    purpose: string,
    messageHash: string,
    now: number,
  ): number | null;
}
