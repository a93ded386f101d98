import type { Clock } from '../../core/clock.js';
import { formatDuration } from '../../core/duration.js';
import { ChanceryError } from '../../core/errors.js';
import type { SignedCheckpoint } from '../checkpoint/signed-checkpoint.js';
import type { Ledger } from '../ledger.js';
import type { Anchor } from './anchor.js';
import { examine, troubleOf } from './examine.js';
import type { KnownHead } from './root-of.js';
import { newStanding, type Standing } from './standing.js';

export interface AnchorsParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** What the policy in force requires; the same objects while it is in force. */
  readonly required: () => readonly Anchor[];
  /** Root (base64) of the ledger with so many entries, at most as many as it has. */
  readonly rootAt: (size: number) => Promise<string>;
}

/** A ledger that an anchor contradicts, as it was found. */
export interface FoundRollback extends KnownHead {
  /** A sentence for each anchor that stands against it. */
  readonly reasons: readonly string[];
  readonly contradicted: readonly { readonly size: string; readonly root: string }[];
  /** When this process first found it. Wall, milliseconds. */
  readonly since: number;
}

/** For health. */
export interface Ailing {
  readonly message: string;
  readonly stopsSigning: boolean;
}

/**
 * The anchors that the policy requires. What they hold is compared with the ledger before anything is signed or
 * written after a start; later each new checkpoint goes to all of them, and signing stops when one has not followed
 * for longer than its lag.
 */
export class Anchors {
  readonly #parts: AnchorsParts;
  readonly #standings = new Map<string, Standing>();
  /** When the head of each checkpoint was taken that some anchor may still come to hold. */
  readonly #taken = new Map<number, number>();
  /** Roots by size, of heads that were looked at: asking for one may mean to read the whole ledger. */
  readonly #roots = new Map<number, string>();
  readonly #work = new Set<Promise<void>>();
  /** Until every anchor was asked that is required at a start. */
  #opening = true;

  private constructor(parts: AnchorsParts) {
    this.#parts = parts;
  }

  /** Compares the ledger with every anchor. Before anything is appended: the head found is what is accepted. */
  static async open(parts: AnchorsParts): Promise<Anchors> {
    const anchors = new Anchors(parts);
    await anchors.refresh();
    anchors.#opening = false;
    return anchors;
  }

  /** Null while no anchor stands against the ledger, or when the Sovereign has accepted it as it was found. */
  get rollback(): FoundRollback | null {
    const accepted = this.#parts.ledger.state.rollback?.sequence ?? -1;
    const findings = this.#required().flatMap(({ finding }) =>
      finding === null || finding.head.size <= accepted ? [] : finding,
    );
    const [last] = [...findings].sort((a, b) => b.head.size - a.head.size);
    if (last === undefined) return null;
    return {
      ...last.head,
      reasons: findings.map(({ reason }) => reason),
      contradicted: findings.flatMap(({ contradicted }) => contradicted),
      since: Math.min(...findings.map(({ since }) => since)),
    };
  }

  /** Why nothing may be signed because of an anchor; null when it may. LEDGER_UNAVAILABLE. */
  stops(): ChanceryError | null {
    const required = this.#parts.required();
    if (required.length === 0) return null;
    if (this.rollback !== null) {
      return new ChanceryError(
        'LEDGER_UNAVAILABLE',
        'signing has stopped: the ledger may have been rolled back',
        {
          hint: 'an operator must look: `chancery status` says which anchor stands against it',
        },
      );
    }
    for (const anchor of required) {
      const late = this.#late(anchor);
      if (late === null) continue;
      return new ChanceryError('LEDGER_UNAVAILABLE', 'signing has stopped: the ledger is not anchored', {
        hint: 'an operator must look: `chancery status` says which anchor does not follow',
      });
    }
    return null;
  }

  /** Sentences for health: what stops signing, and what soon will. */
  ailments(): readonly Ailing[] {
    const { rollback } = this;
    if (rollback !== null) {
      const found = `found with ${String(rollback.size)} entries and root ${rollback.root}`;
      const ways = 'restore the newest copy, or have the Sovereign accept exactly this one (accept-rollback)';
      const messages = [...rollback.reasons, `the ledger was ${found}: ${ways}`];
      return messages.map((message) => ({ message, stopsSigning: true }));
    }
    return this.#parts.required().flatMap((anchor): Ailing[] => {
      const late = this.#late(anchor);
      if (late !== null) return [{ message: late, stopsSigning: true }];
      const trouble = this.#troubleWith(anchor) ?? this.#soonLate(anchor);
      return trouble === null ? [] : [{ message: trouble, stopsSigning: false }];
    });
  }

  /** Half of the lag is over: a relay that ended tells nobody, and signing would stop without a warning. */
  #soonLate(anchor: Anchor): string | null {
    const { name, lag } = anchor;
    if (this.#behindFor(this.#standingOf(anchor)) <= lag / 2) return null;
    return `the anchor ${name} does not follow the ledger: signing stops when it has not for ${formatDuration(lag)}`;
  }

  /** Why it is not written; null when it is, or nothing was to be written yet. */
  #troubleWith({ id, name }: Anchor): string | null {
    const { trouble, writingSince } = this.#standings.get(id) ?? { trouble: null, writingSince: null };
    const hangs = writingSince !== null && this.#parts.clock.boot() - writingSince > LONGEST_WRITE_MS;
    return hangs ? `the anchor ${name} does not answer` : trouble;
  }

  #late(anchor: Anchor): string | null {
    const standing = this.#standings.get(anchor.id);
    if (standing === undefined || standing.covered === null) {
      return `the anchor ${anchor.name} holds no checkpoint yet${because(this.#troubleWith(anchor))}`;
    }
    if (this.#behindFor(standing) <= anchor.lag) return null;
    return `the anchor ${anchor.name} has not followed the ledger for ${formatDuration(anchor.lag)}${because(this.#troubleWith(anchor))}`;
  }

  /** How long it has not covered the whole ledger, milliseconds; 0 when it does. */
  #behindFor(standing: Standing): number {
    const { ledger, clock } = this.#parts;
    if (standing.covered !== null && standing.covered >= ledger.state.size) standing.behindSince = null;
    else standing.behindSince ??= clock.wall();
    return standing.behindSince === null ? 0 : clock.wall() - standing.behindSince;
  }

  /** Looks at anchors that others write, at those of a new policy, and again at those that could not be read. */
  async refresh(): Promise<void> {
    await Promise.all(
      this.#parts.required().map(async (anchor) => {
        const standing = this.#standingOf(anchor);
        const again = standing.finding !== null || standing.covered === null || anchor.write === undefined;
        if (again && !standing.busy) await this.#examine(standing);
      }),
    );
  }

  /**
   * False when it cannot be read. At a start that stands against the ledger; while the daemon runs it says nothing: what
   * was found before stays, for what is accepted must name it, and an anchor that was fit, or that a new policy names,
   * does not follow.
   */
  async #examine(standing: Standing): Promise<boolean> {
    const { ledger, clock } = this.#parts;
    const { finding, newest } = await examine(standing.anchor, ledger.state, (size) => this.#rootAt(size));
    if (finding?.unread === true && standing.finding?.unread !== true && !this.#opening) {
      standing.trouble = finding.reason;
      return false;
    }
    if (standing.anchor.write === undefined) standing.trouble = null;
    const { state } = ledger;
    const head = standing.finding?.head ?? { size: state.size, root: state.root() };
    const since = standing.finding?.since ?? clock.wall();
    standing.finding = finding === null ? null : { ...finding, head, since };
    if (finding !== null || newest === null) return true;
    const { size } = newest.checkpoint;
    if (standing.covered !== null && size <= standing.covered) return true;
    standing.covered = size;
    // What was appended after this head came after it was taken, or after the witnesses saw it: not in the future,
    // whatever their clocks say, or nothing would ever be late.
    const witnessed = Math.min(newest.witnessed ?? Number.POSITIVE_INFINITY, clock.wall());
    standing.behindSince = this.#taken.get(size) ?? witnessed;
    for (const older of this.#taken.keys()) if (older < size) this.#taken.delete(older);
    return true;
  }

  async #rootAt(size: number): Promise<string> {
    const known = this.#roots.get(size);
    if (known !== undefined) return known;
    const root = await this.#parts.rootAt(size);
    this.#roots.set(size, root);
    return root;
  }

  /**
   * Brings a checkpoint to every anchor that is written by us. Never waits for one: an anchor that hangs must not
   * hold up the next checkpoint, nor the other anchors. `taken` is when its head was taken.
   */
  publish(checkpoint: SignedCheckpoint, taken: number): void {
    this.#taken.set(checkpoint.size, taken);
    this.#roots.set(checkpoint.size, checkpoint.root);
    for (const map of [this.#taken, this.#roots]) {
      if (map.size > MAX_TAKEN) for (const size of [...map.keys()].slice(0, MAX_TAKEN / 2)) map.delete(size);
    }
    for (const anchor of this.#parts.required()) {
      const standing = this.#standingOf(anchor);
      standing.waiting = [checkpoint, taken];
      if (standing.busy) continue;
      standing.busy = true;
      const work = this.#bring(standing).finally(() => {
        standing.busy = false;
        this.#work.delete(work);
      });
      this.#work.add(work);
    }
  }

  /** Brings the newest checkpoint to anchors that could not be written when it was made. */
  catchUp(newest: SignedCheckpoint | null): void {
    if (newest === null) return;
    const lacking = this.#parts.required().some((anchor) => {
      const standing = this.#standingOf(anchor);
      return anchor.write !== undefined && !standing.busy && standing.covered !== newest.size;
    });
    if (lacking) this.publish(newest, this.#taken.get(newest.size) ?? this.#parts.clock.wall());
  }

  async #bring(standing: Standing): Promise<void> {
    const { anchor } = standing;
    // An anchor that a new policy names may hold something already, and it must not be written over unseen.
    try {
      if (standing.covered === null && !(await this.#examine(standing))) return;
    } catch (error) {
      // Nobody waits here, and a rejection that nobody hears ends the process.
      standing.trouble = troubleOf(anchor, error);
      return;
    }
    if (anchor.write === undefined) return;
    while (standing.waiting !== null && this.rollback === null) {
      const [checkpoint, taken] = standing.waiting;
      standing.waiting = null;
      standing.writingSince = this.#parts.clock.boot();
      try {
        await anchor.write(checkpoint);
        Object.assign(standing, {
          covered: checkpoint.size,
          behindSince: taken,
          trouble: null,
          finding: null,
        });
      } catch (error) {
        standing.trouble = troubleOf(anchor, error);
      }
      standing.writingSince = null;
    }
  }

  #standingOf(anchor: Anchor): Standing {
    const known = this.#standings.get(anchor.id);
    if (known !== undefined) return known;
    const standing = newStanding(anchor);
    this.#standings.set(anchor.id, standing);
    return standing;
  }

  #required(): readonly Standing[] {
    return this.#parts.required().flatMap(({ id }) => this.#standings.get(id) ?? []);
  }

  /** Resolves when what is being written is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#work);
  }
}

const MAX_TAKEN = 4096;
/** One that takes longer is told of in health, though it may still come to its end. Milliseconds. */
const LONGEST_WRITE_MS = 5000;

function because(trouble: string | null): string {
  return trouble === null ? '' : `: ${trouble}`;
}
