import type { AttestationView, PolicyState } from '../../src/policy/policy-state.js';
import type { RateWindow } from '../../src/policy/policy.js';
import { AGENT, addressOf } from './policy-text.js';

const WINDOW_MS: Readonly<Record<RateWindow, number>> = {
  '1m': 60_000,
  '10m': 600_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
};

export const NOON = Date.parse('2026-06-15T12:00:00.000Z');

export function attestation(changes: Partial<AttestationView> = {}): AttestationView {
  return {
    id: '00'.repeat(16),
    workload: AGENT,
    keys: [{ id: 'trading-1', publicKey: addressOf('trading-1') }],
    issuedAt: NOON - 60_000,
    expiresAt: NOON + 1_800_000,
    epoch: 1,
    used: 0,
    revoked: null,
    ...changes,
  };
}

interface Spend {
  readonly publicKey: string;
  readonly unit: string;
  readonly amount: bigint;
  readonly time: number;
}

/** The past as a plain list with exact rolling sums: what the fold must never undercount. */
export class ListState implements PolicyState {
  readonly spends: Spend[] = [];
  readonly known: AttestationView[];
  readonly seen = new Map<string, { sequence: number; time: number }>();
  freeze: { reason: string; time: number } | null = null;
  isRetired = false;
  isLatched = false;
  revokedBefore = 0;

  constructor(...known: readonly AttestationView[]) {
    this.known = [...known];
  }

  spend(unit: string, amount: bigint, time: number, publicKey = addressOf('trading-1')): void {
    this.spends.push({ publicKey, unit, amount, time });
  }

  spent(publicKey: string, unit: string, window: RateWindow, now: number): bigint {
    let total = 0n;
    for (const spend of this.spends) {
      if (spend.publicKey !== publicKey || spend.unit !== unit) continue;
      if (spend.time > now - WINDOW_MS[window]) total += spend.amount;
    }
    return total;
  }

  drainsTo(publicKey: string, unit: string, window: RateWindow, room: bigint, now: number): number | null {
    if (room < 0n) return null;
    const times = this.spends.map(({ time }) => time + WINDOW_MS[window]).filter((time) => time > now);
    for (const time of [now, ...times.toSorted((left, right) => left - right)]) {
      if (this.spent(publicKey, unit, window, time) <= room) return time;
    }
    return null;
  }

  attestations(workload: string, publicKey: string, now: number): readonly AttestationView[] {
    return this.known.filter(
      (item) =>
        item.workload === workload &&
        item.revoked === null &&
        now < item.expiresAt &&
        item.keys.some((key) => key.publicKey === publicKey),
    );
  }

  lastAttestation(workload: string, publicKey: string): AttestationView | null {
    const named = (item: AttestationView): boolean => item.keys.some((key) => key.publicKey === publicKey);
    return this.known.find((item) => item.workload === workload && named(item)) ?? null;
  }

  workloadRevoked(_workload: string, attestationIssuedAt: number): boolean {
    return attestationIssuedAt < this.revokedBefore;
  }

  frozen(): { reason: string; time: number } | null {
    return this.freeze;
  }

  retired(): boolean {
    return this.isRetired;
  }

  latched(): boolean {
    return this.isLatched;
  }

  repeats(_publicKey: string, workload: string, purpose: string, hash: string, now: number): number | null {
    const seen = this.seen.get(`${workload} ${purpose} ${hash}`);
    return seen !== undefined && now - seen.time < 600_000 ? seen.sequence : null;
  }
}
