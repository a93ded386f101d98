import { ChanceryError } from '../../core/errors.js';
import { sha256Hex } from '../../core/sha256.js';
import type { Line } from '../chain.js';
import type { AuthorizationBody, EntryBody, Envelope, KeyBody, StatementBody } from '../entries.js';
import { ZERO_HASH } from '../entry-text.js';
import type {
  AttestationRecord,
  FreezeRecord,
  PolicyRecord,
  RollbackRecord,
  State,
  Subject,
  WindowName,
} from '../state.js';
import { CompactRange } from '../tree/compact-range.js';
import { Attestations } from './attestations.js';
import { Freezes } from './freezes.js';
import { Heads, type Head } from './heads.js';
import { Meters } from './meters.js';
import { readAttestationPayload, readStatementIdentity } from './payload.js';
import { readPayments } from './payments.js';
import type { SavedFold } from './saved-fold.js';
import { Repeats } from './repeats.js';
import { UidBytes } from './uid-bytes.js';
import { Rollbacks } from './rollbacks.js';
import { UsedStatements } from './used-statements.js';

/** What the one outcome of an authorization takes at most on disk: counted with it, since it will follow. */
const OUTCOME_BYTES = 400;

/** The state of the ledger: a function of its entries and of nothing else (I4). */
export class Fold implements State {
  head = ZERO_HASH;
  time = 0;
  origin = '';
  ledgerKey = '';
  policy: PolicyRecord | null = null;
  authorizedUnderPolicy = false;
  #tree = new CompactRange();
  #heads = new Heads();
  #meters = new Meters();
  #attestations = new Attestations();
  #statements = new UsedStatements();
  #freezes = new Freezes();
  #repeats = new Repeats();
  #rollbacks = new Rollbacks();
  #filled = new UidBytes();
  #open = new Set<number>();
  #retired = new Set<string>();
  #latched = new Set<string>();

  /** The state that `save` told; null when it contradicts itself. */
  static restore(saved: SavedFold): Fold | null {
    const tree = CompactRange.restore(saved.tree);
    if (tree === null) return null;
    const fold = new Fold();
    fold.head = saved.head;
    fold.time = saved.time;
    fold.origin = saved.origin;
    fold.ledgerKey = saved.ledgerKey;
    fold.policy = saved.policy;
    fold.authorizedUnderPolicy = saved.authorizedUnderPolicy;
    fold.#tree = tree;
    fold.#heads = Heads.restore(saved.heads);
    fold.#meters = Meters.restore(saved.meters);
    fold.#attestations = Attestations.restore(saved.attestations);
    fold.#statements = UsedStatements.restore(saved.statements);
    fold.#freezes = Freezes.restore(saved.freezes);
    fold.#repeats = Repeats.restore(saved.repeats);
    fold.#rollbacks = Rollbacks.restore(saved.rollbacks);
    fold.#filled = UidBytes.restore(saved.filled);
    fold.#open = new Set(saved.open);
    fold.#retired = new Set(saved.retired);
    fold.#latched = new Set(saved.latched);
    return fold;
  }

  /** All of it, as plain data: a fold restored from that answers and goes on exactly as this one. */
  save(): SavedFold {
    return {
      head: this.head,
      time: this.time,
      origin: this.origin,
      ledgerKey: this.ledgerKey,
      policy: this.policy,
      authorizedUnderPolicy: this.authorizedUnderPolicy,
      tree: this.#tree.save(),
      heads: this.#heads.save(),
      meters: this.#meters.save(),
      attestations: this.#attestations.save(),
      statements: this.#statements.save(),
      freezes: [...this.#freezes.all()],
      repeats: this.#repeats.save(),
      rollbacks: this.#rollbacks.save(),
      filled: this.#filled.save(),
      open: [...this.#open],
      retired: [...this.#retired],
      latched: [...this.#latched],
    };
  }

  get size(): number {
    return this.#tree.size;
  }

  /** The caller has checked that the line follows the chain and that `bodyFault` finds nothing. */
  apply(line: Line): void {
    this.#applyBody(line.entry, line);
    this.#tree.append(Buffer.from(line.hash, 'hex'));
    this.head = line.hash;
    this.time = line.time;
    const onPurpose = line.entry.type === 'tick' || line.entry.type === 'genesis';
    this.#heads.offer(this.size, line.time, onPurpose, () => this.#tree.root());
  }

  #applyBody(body: EntryBody, line: Line): void {
    switch (body.type) {
      case 'genesis':
        this.origin = body.origin;
        this.ledgerKey = body.publicKey;
        this.#consume(body.statement, line);
        return;
      case 'policy':
        this.policy = {
          sha256: body.sha256,
          serial: body.serial,
          id: body.id,
          sequence: line.sequence,
          statement: body.statement,
        };
        this.authorizedUnderPolicy = false;
        this.#consume(body.statement, line);
        return;
      case 'statement':
        if (body.kind === 'attestation') this.#addAttestation(body, line);
        if (body.kind === 'accept-rollback') this.#acceptRollback(body, line);
        this.#consume(body.statement, line);
        return;
      case 'authorization':
        this.#addAuthorization(body, line);
        return;
      case 'signature':
      case 'failure':
      case 'recovered':
        // Nothing is given back: a token may have signed before it failed (I3).
        this.#open.delete(Number(body.authorization));
        return;
      case 'freeze':
        this.#freezes.add({
          hash: line.hash,
          sequence: line.sequence,
          // A freeze that names a key but not its public key cannot be matched: it holds for every key.
          publicKey: body.publicKey ?? null,
          reason: body.reason,
          time: line.time,
        });
        return;
      case 'unfreeze':
        this.#freezes.lift(body.freeze);
        this.#consume(body.statement, line);
        return;
      case 'revocation':
        if (body.attestation !== undefined) this.#attestations.revoke(body.attestation, body.reason);
        if (body.workload !== undefined) {
          this.#attestations.revokeWorkload(body.workload, body.reason, line.time);
        }
        return;
      case 'key':
        this.#changeKey(body, line);
        return;
      case 'denial':
        if (body.uid !== undefined) this.#filled.add(body.uid, line.bytes, line.time);
        return;
      case 'start':
      case 'stop':
      case 'snapshot':
      case 'tick':
      case 'repair':
      case 'alert':
        return;
    }
  }

  /** The lost tail may have held revocations, uses and spend: nothing from before may rest on their absence. */
  #acceptRollback(body: StatementBody, line: Line): void {
    this.#rollbacks.add(body, line.sequence, line.time);
    this.#attestations.voidAll('a rollback of the ledger was accepted');
    this.#meters.fill(line.time);
    this.authorizedUnderPolicy = false;
  }

  #addAuthorization(body: AuthorizationBody, line: Line): void {
    this.authorizedUnderPolicy = true;
    this.#open.add(line.sequence);
    this.#filled.add(body.peer.uid, line.bytes + OUTCOME_BYTES, line.time);
    if (body.repeats !== undefined) return;
    this.#count(body, line);
    this.#attestations.countUse(body.attestation);
    const messageHash = sha256Hex(Buffer.from(body.message, 'base64'));
    this.#repeats.remember(
      body.publicKey,
      body.workload,
      body.purpose,
      messageHash,
      line.sequence,
      line.time,
    );
  }

  /** For the key, for its workload, and for each account that received something. */
  #count(body: AuthorizationBody, line: Line): void {
    const { publicKey, workload } = body;
    const payments = readPayments(body);
    if (payments === null) throw damaged(line, 'the effects');
    for (const { unit, amount } of body.counted) {
      this.#meters.add(publicKey, unit, BigInt(amount), line.time);
      this.#meters.addBy({ kind: 'workload', publicKey, workload }, unit, BigInt(amount), line.time);
    }
    for (const { unit, destination, amount } of payments) {
      this.#meters.addBy({ kind: 'destination', publicKey, destination }, unit, amount, line.time);
    }
  }

  #addAttestation(body: StatementBody, line: Line): void {
    const payload = readAttestationPayload(body.statement);
    if (payload === null) throw damaged(line, 'the statement');
    const { possession, ledger, scope, ...rest } = payload;
    const head = ledger === undefined ? null : this.rootAt(ledger.size);
    const challenge =
      ledger === undefined || head === null || head.root !== ledger.root
        ? null
        : { ...ledger, time: head.time };
    this.#attestations.add(
      {
        ...rest,
        sequence: line.sequence,
        ...(possession === undefined ? {} : { possession }),
        ...(challenge === null ? {} : { challenge }),
        ...(scope === undefined ? {} : { scope }),
        used: 0,
        revoked: null,
      },
      line.time,
    );
  }

  #consume(envelope: Envelope, line: Line): void {
    const identity = readStatementIdentity(envelope);
    if (identity === null) throw damaged(line, 'the statement');
    this.#statements.add(identity.id, identity.expiresAt, line.time);
  }

  #changeKey(body: KeyBody, line: Line): void {
    if (body.action === 'retire') this.#retired.add(body.publicKey);
    if (body.action === 'latch') this.#latched.add(body.publicKey);
    if (body.statement !== undefined) this.#consume(body.statement, line);
  }

  get rollback(): RollbackRecord | null {
    return this.#rollbacks.newest;
  }

  voidedCheckpoint(size: number, root: string): boolean {
    return this.#rollbacks.voids(size, root);
  }

  root(): string {
    return this.#tree.root().toString('base64');
  }

  rootAt(size: number): { readonly root: string; readonly time: number } | null {
    if (size === this.size) return { root: this.root(), time: this.time };
    return this.#heads.find(size);
  }

  challenge(): Head {
    return this.#heads.newest() ?? { size: this.size, root: this.root(), time: this.time };
  }

  spent(publicKey: string, unit: string, window: WindowName, now: number): bigint {
    return this.#meters.spent(publicKey, unit, window, now);
  }

  drainsTo(publicKey: string, unit: string, window: WindowName, room: bigint, now: number): number | null {
    return this.#meters.drainsTo(publicKey, unit, window, room, now);
  }

  spentBy(subject: Subject, unit: string, window: WindowName, now: number): bigint {
    return this.#meters.spentBy(subject, unit, window, now);
  }

  drainsToBy(subject: Subject, unit: string, window: WindowName, room: bigint, now: number): number | null {
    return this.#meters.drainsToBy(subject, unit, window, room, now);
  }

  attestations(workload: string, publicKey: string, now: number): readonly AttestationRecord[] {
    return this.#attestations.valid(workload, publicKey, now);
  }

  lastAttestation(workload: string, publicKey: string): AttestationRecord | null {
    return this.#attestations.last(workload, publicKey);
  }

  attestation(id: string): AttestationRecord | null {
    return this.#attestations.find(id);
  }

  allAttestations(now: number): readonly AttestationRecord[] {
    return this.#attestations.all(now);
  }

  statementUsed(id: string): boolean {
    return this.#statements.has(id) || this.#attestations.idRevoked(id);
  }

  frozen(publicKey: string): FreezeRecord | null {
    return this.#freezes.find(publicKey);
  }

  freezes(): readonly FreezeRecord[] {
    return this.#freezes.all();
  }

  retired(publicKey: string): boolean {
    return this.#retired.has(publicKey);
  }

  latched(publicKey: string): boolean {
    return this.#latched.has(publicKey);
  }

  workloadRevoked(workload: string, attestationIssuedAt: number): boolean {
    return this.#attestations.workloadRevoked(workload, attestationIssuedAt);
  }

  repeats(
    publicKey: string,
    workload: string,
    purpose: string,
    messageHash: string,
    now: number,
  ): number | null {
    return this.#repeats.find(publicKey, workload, purpose, messageHash, now);
  }

  filledBy(uid: number, now: number): number {
    return this.#filled.held(uid, now);
  }

  filledDrainsTo(uid: number, room: number, now: number): number | null {
    return this.#filled.drainsTo(uid, room, now);
  }

  isOpen(authorization: number): boolean {
    return this.#open.has(authorization);
  }

  open(): readonly number[] {
    return [...this.#open];
  }
}

function damaged(line: Line, what: string): ChanceryError {
  return new ChanceryError('LEDGER_DAMAGED', `${what} in entry ${String(line.sequence)} cannot be read`);
}
