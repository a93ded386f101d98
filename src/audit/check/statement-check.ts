import { canonicalJson } from '../../core/canonical-json.js';
import { ChanceryError } from '../../core/errors.js';
import type { EntryBody, Envelope } from '../../ledger/entries.js';
import type { Sovereign } from '../../sovereign/authority.js';
import type { Genesis } from '../../sovereign/kinds/genesis.js';
import type { ReadStatement } from '../../sovereign/read-statement.js';
import { verifyGenesis } from '../../sovereign/verify-genesis.js';
import { verifyStatement, type VerifiedStatement } from '../../sovereign/verify-statement.js';
import type { Policy } from '../../policy/policy.js';
import { problem, type Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import { ExpiredSweep } from './expired-sweep.js';

const NO_POLICY = '0'.repeat(64);

/** The statement an entry carries, verified, or null when it carries none or none that holds. */
export type SeenStatement = VerifiedStatement | null;

/**
 * Every Sovereign statement in the ledger, judged as it was due when it was accepted: by the authorities of the
 * policy then in force, for this signer, in its time, never twice (I8).
 */
export class StatementCheck {
  #origin: string | null = null;
  #sovereign: Sovereign | null = null;
  #genesis: Genesis | null = null;
  #policy = NO_POLICY;
  #serial = 0;
  /** When the newest rollback was accepted: what was issued until then is void. */
  #rollbackAt = Number.NEGATIVE_INFINITY;
  /** Ids, and when what bore them expires (ms; infinity: never). */
  readonly #used = new Map<string, number>();
  readonly #expired = new ExpiredSweep();
  #verified = 0;

  get origin(): string | null {
    return this.#origin;
  }

  /** Ledger key of the genesis, base58. */
  get ledgerKey(): string | null {
    return this.#genesis?.publicKey ?? null;
  }

  /** Statements whose quorum held. */
  get verified(): number {
    return this.#verified;
  }

  /** Digest of the policy in force; 64 zeros before the first. */
  get policy(): string {
    return this.#policy;
  }

  /** `policy` is the parsed blob of a policy entry, null when it could not be had (which is reported elsewhere). */
  see(step: Step, policy: Policy | null, report: (problem: Problem) => void): SeenStatement {
    const { entry } = step;
    if ((step.sequence === 0) !== (entry.type === 'genesis')) {
      report(
        problem('genesis', step.sequence === 0 ? `the first entry is ${entry.type}` : 'a second genesis'),
      );
      return null;
    }
    try {
      return this.#judge(entry, step, policy, report);
    } catch (error) {
      if (!(error instanceof ChanceryError)) throw error;
      report(problem(entry.type === 'genesis' ? 'genesis' : 'statement', error.message));
      return null;
    }
  }

  #judge(
    entry: EntryBody,
    step: Step,
    policy: Policy | null,
    report: (problem: Problem) => void,
  ): SeenStatement {
    switch (entry.type) {
      case 'genesis': {
        const { statement, sovereign } = verifyGenesis(entry.statement, step.time);
        const { payload } = statement;
        if (payload.signer !== entry.origin)
          report(problem('genesis', `the entry says origin ${entry.origin}`));
        if (payload.publicKey !== entry.publicKey)
          report(problem('genesis', 'the entry names another ledger key'));
        this.#origin = payload.signer;
        this.#sovereign = sovereign;
        this.#genesis = payload;
        this.#count(statement, step.time, report);
        return null;
      }
      case 'policy': {
        try {
          const seen = this.#verify(entry.statement, step.time, report);
          if (seen !== null) this.#policyFollows(entry, seen, policy, report);
          return seen;
        } finally {
          // The entry stands in the ledger and was obeyed, whatever is wrong with it.
          this.#policy = entry.sha256;
          this.#serial = entry.serial;
          if (policy !== null) this.#sovereign = policy.sovereign;
        }
      }
      case 'statement': {
        const seen = this.#verify(entry.statement, step.time, report);
        if (seen === null) return null;
        if (seen.kind !== 'attestation' && seen.kind !== 'accept-rollback') {
          report(problem('statement', `a statement of kind ${seen.kind} has an entry of its own`));
        }
        if (seen.kind !== entry.kind || seen.id !== entry.id) {
          report(problem('statement', `the entry says ${entry.kind} ${entry.id}, the statement is another`));
        }
        if (canonicalJson(seen.authorities) !== canonicalJson(entry.authorities)) {
          report(
            problem(
              'statement',
              `the entry names ${entry.authorities.join(', ')} as signers, ${seen.authorities.join(', ')} signed`,
            ),
          );
        }
        if (seen.kind === 'accept-rollback') this.#rollbackAt = step.time;
        return seen;
      }
      case 'unfreeze': {
        const seen = this.#verify(entry.statement, step.time, report);
        if (seen === null) return null;
        if (seen.kind !== 'unfreeze' || seen.payload.freeze !== entry.freeze) {
          report(problem('statement', 'the unfreeze statement names another freeze'));
        }
        this.#sameId(entry, seen, report);
        return seen;
      }
      case 'key':
        if (entry.statement !== undefined || entry.id !== undefined)
          report(problem('statement', 'it names a statement about a key, and there is no such statement'));
        return null;
      case 'start':
      case 'stop':
      case 'authorization':
      case 'signature':
      case 'failure':
      case 'recovered':
      case 'denial':
      case 'freeze':
      case 'revocation':
      case 'snapshot':
      case 'tick':
      case 'repair':
      case 'alert':
        return null;
    }
  }

  #verify(envelope: Envelope, now: number, report: (problem: Problem) => void): VerifiedStatement | null {
    if (this.#origin === null || this.#sovereign === null) {
      report(problem('statement', 'there is no Sovereign to judge it by'));
      return null;
    }
    const statement = verifyStatement(envelope, { ...this.#sovereign, origin: this.#origin, now });
    this.#count(statement, now, report);
    if (statement.issuedAt <= this.#rollbackAt) {
      report(problem('statement', 'it was issued before the last rollback was accepted, which voided it'));
    }
    return statement;
  }

  #count({ id, expiresAt }: ReadStatement, now: number, report: (problem: Problem) => void): void {
    this.#verified += 1;
    // Nor does a signer remember an id a day after its statement expired: from then on another one may bear it.
    this.#expired.sweep(this.#used, now, (expiresAt) => expiresAt);
    if (this.#used.has(id)) report(problem('statement', `the statement ${id} was used before`));
    this.#used.set(id, expiresAt ?? Number.POSITIVE_INFINITY);
  }

  #sameId(entry: { readonly id: string }, seen: VerifiedStatement, report: (problem: Problem) => void): void {
    if (seen.id !== entry.id)
      report(problem('statement', `the entry says ${entry.id}, the statement is another`));
  }

  #policyFollows(
    entry: EntryBody & { type: 'policy' },
    seen: VerifiedStatement,
    policy: Policy | null,
    report: (problem: Problem) => void,
  ): void {
    const wrong = (message: string): void => {
      report(problem('statement', message));
    };
    if (seen.kind !== 'policy') {
      wrong(`the statement is of kind ${seen.kind}, not policy`);
      return;
    }
    const { payload } = seen;
    if (payload.sha256 !== entry.sha256) wrong('the statement names another policy than the entry');
    if (payload.serial !== entry.serial) wrong('the statement names another serial than the entry');
    this.#sameId(entry, seen, report);
    if (payload.previous !== this.#policy)
      wrong(`it follows policy ${payload.previous}, ${this.#policy} was in force`);
    if (entry.serial <= this.#serial) wrong(`its serial ${String(entry.serial)} does not grow`);
    if (this.#policy === NO_POLICY && entry.sha256 !== this.#genesis?.policy) {
      wrong('the first policy is not the one that genesis names');
    }
    if (policy === null) return;
    if (policy.signer !== this.#origin) wrong(`the policy is for the signer ${policy.signer}`);
    if (policy.serial !== entry.serial) wrong(`the policy says serial ${String(policy.serial)}`);
    const [from, to] = [this.#sovereign?.epoch ?? 0, policy.sovereign.epoch];
    if (to < from) wrong(`its epoch ${String(to)} is below ${String(from)}, which was in force`);
  }
}
