import type { RevocationBody } from '../../ledger/entries.js';
import type { Attestation } from '../../sovereign/kinds/attestation.js';
import type { Step } from '../read/walk.js';
import { ExpiredSweep } from './expired-sweep.js';
import type { SeenStatement } from './statement-check.js';

/** An accepted attestation as the ledger's entries give it. Times in milliseconds. */
export interface Warrant {
  readonly id: string;
  readonly workload: string;
  readonly epoch: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly payload: Attestation;
  /** Authorizations made under it, repeats excluded. */
  used: number;
  revoked: string | null;
}

export interface Freeze {
  readonly hash: string;
  /** Base58; null: every key. */
  readonly publicKey: string | null;
  readonly reason: string;
  readonly time: number;
}

/** What entitles and what forbids, folded from the entries alone and apart from the ledger's own fold. */
export class Warrants {
  readonly #warrants = new Map<string, Warrant>();
  readonly #revokedIds = new Map<string, string>();
  readonly #revokedWorkloads = new Map<string, { readonly time: number; readonly reason: string }>();
  readonly #freezes = new Map<string, Freeze>();
  readonly #retired = new Set<string>();
  readonly #latched = new Set<string>();
  readonly #expired = new ExpiredSweep();

  find(id: string): Warrant | null {
    return this.#warrants.get(id) ?? null;
  }

  all(): readonly Warrant[] {
    return [...this.#warrants.values()];
  }

  frozen(publicKey: string): Freeze | null {
    for (const freeze of this.#freezes.values()) {
      if (freeze.publicKey === null || freeze.publicKey === publicKey) return freeze;
    }
    return null;
  }

  freezeOf(hash: string): Freeze | null {
    return this.#freezes.get(hash) ?? null;
  }

  retired(publicKey: string): boolean {
    return this.#retired.has(publicKey);
  }

  latched(publicKey: string): boolean {
    return this.#latched.has(publicKey);
  }

  workloadRevoked(workload: string, issuedAt: number): boolean {
    const revocation = this.#revokedWorkloads.get(workload);
    return revocation !== undefined && issuedAt <= revocation.time;
  }

  /** An authorization under it was counted. */
  use(id: string): void {
    const warrant = this.#warrants.get(id);
    if (warrant !== undefined) warrant.used += 1;
  }

  see(step: Step, statement: SeenStatement): void {
    const { entry } = step;
    switch (entry.type) {
      case 'statement':
        if (statement?.kind === 'attestation') this.#add(step, statement);
        if (statement?.kind === 'accept-rollback') this.#voidAll();
        return;
      case 'authorization':
        if (entry.repeats === undefined) this.use(entry.attestation);
        return;
      case 'freeze':
        this.#freezes.set(step.hash.toString('hex'), {
          hash: step.hash.toString('hex'),
          publicKey: entry.publicKey ?? null,
          reason: entry.reason,
          time: step.time,
        });
        return;
      case 'unfreeze':
        this.#freezes.delete(entry.freeze);
        return;
      case 'revocation':
        this.#revoke(entry, step.time);
        return;
      case 'key':
        if (entry.action === 'retire') this.#retired.add(entry.publicKey);
        if (entry.action === 'latch') this.#latched.add(entry.publicKey);
        return;
      case 'genesis':
      case 'start':
      case 'stop':
      case 'policy':
      case 'signature':
      case 'failure':
      case 'recovered':
      case 'denial':
      case 'snapshot':
      case 'tick':
      case 'repair':
      case 'alert':
        return;
    }
  }

  #add(step: Step, statement: NonNullable<SeenStatement> & { kind: 'attestation' }): void {
    const { payload, id, issuedAt, expiresAt } = statement;
    // One is kept for a day, so that what is refused is refused as "expired" and not as "never given".
    this.#expired.sweep(this.#warrants, step.time, (warrant) => warrant.expiresAt);
    const byWorkload = this.#revokedWorkloads.get(payload.workload);
    const revoked =
      this.#revokedIds.get(id) ??
      (byWorkload !== undefined && issuedAt <= byWorkload.time ? byWorkload.reason : null);
    this.#warrants.set(id, {
      id,
      workload: payload.workload,
      epoch: payload.epoch,
      issuedAt,
      expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
      payload,
      used: 0,
      revoked,
    });
  }

  #voidAll(): void {
    for (const warrant of this.#warrants.values())
      warrant.revoked ??= 'a rollback of the ledger was accepted';
  }

  #revoke(entry: RevocationBody, time: number): void {
    if (entry.attestation !== undefined) {
      this.#revokedIds.set(entry.attestation, entry.reason);
      const warrant = this.#warrants.get(entry.attestation);
      if (warrant !== undefined) warrant.revoked ??= entry.reason;
    }
    if (entry.workload !== undefined) {
      this.#revokedWorkloads.set(entry.workload, { time, reason: entry.reason });
      for (const warrant of this.#warrants.values()) {
        if (warrant.workload === entry.workload) warrant.revoked ??= entry.reason;
      }
    }
  }
}
