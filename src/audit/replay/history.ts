import { hash } from 'node:crypto';
import type { AuthorizationBody, Counted } from '../../ledger/entries.js';
import type { AttestationView, PolicyState, Subject } from '../../policy/policy-state.js';
import type { RateWindow } from '../../policy/policy.js';
import { Originals } from '../check/originals.js';
import { StatementHeads } from '../check/statement-heads.js';
import type { SeenStatement } from '../check/statement-check.js';
import { Warrants, type Warrant } from '../check/warrants.js';
import { CompactRange } from '../read/compact-range.js';
import type { Step } from '../read/walk.js';
import { Meters, type Payment } from './meters.js';

export interface Spending {
  /** Id of the attestation of which it is one use. */
  readonly attestation: string;
  /** In base units. */
  readonly counted: readonly Counted[];
  readonly payments: readonly Payment[];
}

/** The state that a decision reads, folded again from the entries by code of the audit's own. */
export class History implements PolicyState {
  readonly #warrants = new Warrants();
  readonly #meters = new Meters();
  readonly #originals = new Originals();
  readonly #tree = new CompactRange();
  readonly #heads = new StatementHeads();
  /** Times of the heads that attestations name as their challenge. Forgotten with the attestation. */
  readonly #challenges = new WeakMap<Warrant, number>();

  /** Everything but what authorizations count, which the replay adds when it has judged them. */
  see(step: Step, statement: SeenStatement): void {
    if (step.entry.type !== 'authorization') this.#warrants.see(step, statement);
    if (statement?.kind === 'accept-rollback') this.#meters.fill(step.time);
    const challenged = this.#heads.challengedAt(statement, this.#tree);
    const warrant = statement?.kind === 'attestation' ? this.#warrants.find(statement.id) : null;
    if (warrant !== null && challenged !== null) this.#challenges.set(warrant, challenged);
    this.#tree.append(step.hash);
    this.#heads.see(step, this.#tree);
  }

  /** What an authorization, under the policy that judges, counted and to whom it paid it. */
  count(step: Step, entry: AuthorizationBody, spending: Spending, messageHash: string): void {
    const { attestation, counted, payments } = spending;
    this.#warrants.use(attestation);
    this.#meters.add(entry.publicKey, entry.workload, counted, payments, step.time);
    const subject = subjectOf(entry.workload, entry.purpose, messageHash);
    this.#originals.remember(entry.publicKey, subject, { sequence: step.sequence, time: step.time });
  }

  spent(publicKey: string, unit: string, window: RateWindow, now: number): bigint {
    return this.#meters.spent(publicKey, unit, window, now);
  }

  drainsTo(publicKey: string, unit: string, window: RateWindow, room: bigint, now: number): number | null {
    return this.#meters.drainsTo(publicKey, unit, window, room, now);
  }

  spentBy(subject: Subject, unit: string, window: RateWindow, now: number): bigint {
    return this.#meters.spentBy(subject, unit, window, now);
  }

  drainsToBy(subject: Subject, unit: string, window: RateWindow, room: bigint, now: number): number | null {
    return this.#meters.drainsToBy(subject, unit, window, room, now);
  }

  attestations(workload: string, publicKey: string, now: number): readonly AttestationView[] {
    return this.#of(workload, publicKey)
      .filter((warrant) => warrant.revoked === null && now < warrant.expiresAt)
      .map((warrant) => this.#view(warrant));
  }

  lastAttestation(workload: string, publicKey: string): AttestationView | null {
    const [newest] = this.#of(workload, publicKey);
    return newest === undefined ? null : this.#view(newest);
  }

  /** Newest first. */
  #of(workload: string, publicKey: string): Warrant[] {
    return this.#warrants
      .all()
      .filter((warrant) => warrant.workload === workload)
      .filter(({ payload }) => payload.keys.some((key) => key.publicKey === publicKey))
      .reverse();
  }

  #view(warrant: Warrant): AttestationView {
    const { id, workload, issuedAt, expiresAt, epoch, used, revoked, payload } = warrant;
    const challenged = this.#challenges.get(warrant);
    return {
      id,
      workload,
      keys: payload.keys,
      issuedAt,
      expiresAt,
      epoch,
      used,
      revoked,
      ...(payload.possession === undefined ? {} : { possession: payload.possession }),
      ...(challenged === undefined ? {} : { challenge: { time: challenged } }),
      ...(payload.scope === undefined ? {} : { scope: given(payload.scope) }),
    };
  }

  workloadRevoked(workload: string, attestationIssuedAt: number): boolean {
    return this.#warrants.workloadRevoked(workload, attestationIssuedAt);
  }

  frozen(publicKey: string): { readonly reason: string; readonly time: number } | null {
    return this.#warrants.frozen(publicKey);
  }

  retired(publicKey: string): boolean {
    return this.#warrants.retired(publicKey);
  }

  latched(publicKey: string): boolean {
    return this.#warrants.latched(publicKey);
  }

  repeats(
    publicKey: string,
    workload: string,
    purpose: string,
    messageHash: string,
    now: number,
  ): number | null {
    return this.#originals.find(publicKey, subjectOf(workload, purpose, messageHash), now)?.sequence ?? null;
  }
}

function subjectOf(workload: string, purpose: string, messageHash: string): string {
  return hash('sha256', `${purpose}\n${workload}\n${messageHash}`, 'base64');
}

type Scope = NonNullable<Warrant['payload']['scope']>;

/** Without the fields that are not given. */
function given(scope: Scope): NonNullable<AttestationView['scope']> {
  const { limits, programs, destinations, uses, message } = scope;
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(programs === undefined ? {} : { programs }),
    ...(destinations === undefined ? {} : { destinations }),
    ...(uses === undefined ? {} : { uses }),
    ...(message === undefined ? {} : { message }),
  };
}
