import { z } from 'zod';
import type { AttestationRecord } from '../state.js';
import { savedAttestation } from './saved-attestation.js';

/** Kept for a day after it expired, so that a late caller hears "expired" rather than "never seen". */
const KEPT_AFTER_EXPIRY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;

export const savedAttestations = z.strictObject({
  held: z.array(savedAttestation),
  revokedIds: z.array(z.tuple([z.string(), z.string()])),
  revokedWorkloads: z.array(z.tuple([z.string(), z.int(), z.string()])),
  swept: z.int(),
});
export type SavedAttestations = z.infer<typeof savedAttestations>;

type Held = { -readonly [Field in keyof AttestationRecord]: AttestationRecord[Field] };

/** Accepted attestations, by id and by what they open, and the revocations that void them. */
export class Attestations {
  readonly #byId = new Map<string, Held>();
  /** By workload and public key; newest first. */
  readonly #byGrant = new Map<string, Held[]>();
  /** Revoked ids, also of statements never submitted: revoking what leaked before it arrives must work. */
  readonly #revokedIds = new Map<string, string>();
  readonly #revokedWorkloads = new Map<string, { readonly time: number; readonly reason: string }>();
  #sweptSlot = 0;

  static restore(saved: SavedAttestations): Attestations {
    const attestations = new Attestations();
    for (const held of saved.held) attestations.#hold({ ...held });
    for (const [id, reason] of saved.revokedIds) attestations.#revokedIds.set(id, reason);
    for (const [workload, time, reason] of saved.revokedWorkloads) {
      attestations.#revokedWorkloads.set(workload, { time, reason });
    }
    attestations.#sweptSlot = saved.swept;
    return attestations;
  }

  save(): SavedAttestations {
    return {
      held: [...this.#byId.values()],
      revokedIds: [...this.#revokedIds],
      revokedWorkloads: [...this.#revokedWorkloads].map(([workload, { time, reason }]) => [
        workload,
        time,
        reason,
      ]),
      swept: this.#sweptSlot,
    };
  }

  add(record: AttestationRecord, time: number): void {
    this.#sweep(time);
    const held: Held = { ...record, revoked: record.revoked ?? this.#revocationOf(record) };
    this.#hold(held);
  }

  #hold(held: Held): void {
    this.#byId.set(held.id, held);
    for (const key of held.keys) {
      const grant = grantOf(held.workload, key.publicKey);
      const list = this.#byGrant.get(grant);
      if (list === undefined) this.#byGrant.set(grant, [held]);
      else list.unshift(held);
    }
  }

  #revocationOf(record: AttestationRecord): string | null {
    const byId = this.#revokedIds.get(record.id);
    if (byId !== undefined) return byId;
    const byWorkload = this.#revokedWorkloads.get(record.workload);
    return byWorkload !== undefined && record.issuedAt <= byWorkload.time ? byWorkload.reason : null;
  }

  countUse(id: string): void {
    const held = this.#byId.get(id);
    if (held !== undefined) held.used += 1;
  }

  revoke(id: string, reason: string): void {
    this.#revokedIds.set(id, reason);
    const held = this.#byId.get(id);
    if (held !== undefined) held.revoked ??= reason;
  }

  /** Voids all that were accepted so far (whatever they say of their time) and all issued until now. */
  revokeWorkload(workload: string, reason: string, time: number): void {
    this.#revokedWorkloads.set(workload, { time, reason });
    for (const held of this.#byId.values()) if (held.workload === workload) held.revoked ??= reason;
  }

  voidAll(reason: string): void {
    for (const held of this.#byId.values()) held.revoked ??= reason;
  }

  find(id: string): AttestationRecord | null {
    return this.#byId.get(id) ?? null;
  }

  idRevoked(id: string): boolean {
    return this.#revokedIds.has(id);
  }

  valid(workload: string, publicKey: string, now: number): readonly AttestationRecord[] {
    const list = this.#byGrant.get(grantOf(workload, publicKey));
    if (list === undefined) return [];
    return list.filter((held) => held.revoked === null && now < held.expiresAt);
  }

  /** The newest for the pair, dead or alive. */
  last(workload: string, publicKey: string): AttestationRecord | null {
    return this.#byGrant.get(grantOf(workload, publicKey))?.[0] ?? null;
  }

  /** Newest first. */
  all(now: number): readonly AttestationRecord[] {
    const records = [...this.#byId.values()].filter((held) => held.revoked === null && now < held.expiresAt);
    return records.sort((a, b) => b.sequence - a.sequence);
  }

  workloadRevoked(workload: string, issuedAt: number): boolean {
    const revocation = this.#revokedWorkloads.get(workload);
    return revocation !== undefined && issuedAt <= revocation.time;
  }

  /** At fixed hours of the ledger's own time: what is remembered is then a function of the entries alone. */
  #sweep(time: number): void {
    const slot = Math.floor(time / SWEEP_EVERY_MS);
    if (slot === this.#sweptSlot) return;
    this.#sweptSlot = slot;
    for (const held of this.#byId.values()) {
      if (held.expiresAt + KEPT_AFTER_EXPIRY_MS > time) continue;
      this.#byId.delete(held.id);
      for (const key of held.keys) this.#drop(grantOf(held.workload, key.publicKey), held);
    }
  }

  #drop(grant: string, held: Held): void {
    const rest = this.#byGrant.get(grant)?.filter((other) => other !== held) ?? [];
    if (rest.length === 0) this.#byGrant.delete(grant);
    else this.#byGrant.set(grant, rest);
  }
}

/** A base58 key holds no space, so no two pairs share a text. */
function grantOf(workload: string, publicKey: string): string {
  return `${publicKey} ${workload}`;
}
