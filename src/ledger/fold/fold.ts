import type { Line } from '../chain.js';
import type {
  AttestationRecord,
  FreezeRecord,
  PolicyRecord,
  RollbackRecord,
  State,
  Subject,
  WindowName,
} from '../state.js';
import { applyEntry } from './apply-entry.js';
import type { Head } from './heads.js';
import { noParts, restoreParts, saveParts } from './parts.js';
import type { SavedFold } from './saved-fold.js';

/** The state of the ledger: a function of its entries and of nothing else (I4). */
export class Fold implements State {
  readonly #parts;

  constructor(parts = noParts()) {
    this.#parts = parts;
  }

  /** The state that `save` told; null when it contradicts itself. */
  static restore(saved: SavedFold): Fold | null {
    const parts = restoreParts(saved);
    return parts === null ? null : new Fold(parts);
  }

  /** All of it, as plain data: a fold restored from that answers and goes on exactly as this one. */
  save(): SavedFold {
    return saveParts(this.#parts);
  }

  /** The caller has checked that the line follows the chain and that `bodyFault` finds nothing. */
  apply(line: Line): void {
    const parts = this.#parts;
    applyEntry(parts, line, (size) => this.rootAt(size));
    parts.tree.append(Buffer.from(line.hash, 'hex'));
    parts.head = line.hash;
    parts.time = line.time;
    const onPurpose = line.entry.type === 'tick' || line.entry.type === 'genesis';
    parts.heads.offer(this.size, line.time, onPurpose, () => parts.tree.root());
  }

  get size(): number {
    return this.#parts.tree.size;
  }

  get head(): string {
    return this.#parts.head;
  }

  get time(): number {
    return this.#parts.time;
  }

  get origin(): string {
    return this.#parts.origin;
  }

  get ledgerKey(): string {
    return this.#parts.ledgerKey;
  }

  get policy(): PolicyRecord | null {
    return this.#parts.policy;
  }

  get authorizedUnderPolicy(): boolean {
    return this.#parts.authorizedUnderPolicy;
  }

  get rollback(): RollbackRecord | null {
    return this.#parts.rollbacks.newest;
  }

  voidedCheckpoint(size: number, root: string): boolean {
    return this.#parts.rollbacks.voids(size, root);
  }

  root(): string {
    return this.#parts.tree.root().toString('base64');
  }

  rootAt(size: number): { readonly root: string; readonly time: number } | null {
    if (size === this.size) return { root: this.root(), time: this.time };
    return this.#parts.heads.find(size);
  }

  challenge(): Head {
    return this.#parts.heads.newest() ?? { size: this.size, root: this.root(), time: this.time };
  }

  spent(publicKey: string, unit: string, window: WindowName, now: number): bigint {
    return this.#parts.meters.spent(publicKey, unit, window, now);
  }

  drainsTo(publicKey: string, unit: string, window: WindowName, room: bigint, now: number): number | null {
    return this.#parts.meters.drainsTo(publicKey, unit, window, room, now);
  }

  spentBy(subject: Subject, unit: string, window: WindowName, now: number): bigint {
    return this.#parts.meters.spentBy(subject, unit, window, now);
  }

  drainsToBy(subject: Subject, unit: string, window: WindowName, room: bigint, now: number): number | null {
    return this.#parts.meters.drainsToBy(subject, unit, window, room, now);
  }

  attestations(workload: string, publicKey: string, now: number): readonly AttestationRecord[] {
    return this.#parts.attestations.valid(workload, publicKey, now);
  }

  lastAttestation(workload: string, publicKey: string): AttestationRecord | null {
    return this.#parts.attestations.last(workload, publicKey);
  }

  attestation(id: string): AttestationRecord | null {
    return this.#parts.attestations.find(id);
  }

  allAttestations(now: number): readonly AttestationRecord[] {
    return this.#parts.attestations.all(now);
  }

  statementUsed(id: string): boolean {
    return this.#parts.statements.has(id) || this.#parts.attestations.idRevoked(id);
  }

  frozen(publicKey: string): FreezeRecord | null {
    return this.#parts.freezes.find(publicKey);
  }

  freezes(): readonly FreezeRecord[] {
    return this.#parts.freezes.all();
  }

  retired(publicKey: string): boolean {
    return this.#parts.retired.has(publicKey);
  }

  latched(publicKey: string): boolean {
    return this.#parts.latched.has(publicKey);
  }

  workloadRevoked(workload: string, attestationIssuedAt: number): boolean {
    return this.#parts.attestations.workloadRevoked(workload, attestationIssuedAt);
  }

  repeats(
    publicKey: string,
    workload: string,
    purpose: string,
    messageHash: string,
    now: number,
  ): number | null {
    return this.#parts.repeats.find(publicKey, { workload, purpose, messageHash }, now);
  }

  filledBy(uid: number, now: number): number {
    return this.#parts.filled.held(uid, now);
  }

  filledDrainsTo(uid: number, room: number, now: number): number | null {
    return this.#parts.filled.drainsTo(uid, room, now);
  }

  isOpen(authorization: number): boolean {
    return this.#parts.open.has(authorization);
  }

  open(): readonly number[] {
    return [...this.#parts.open];
  }
}
