import { ChanceryError } from '../core/errors.js';
import type { Envelope } from '../sovereign/envelope.js';
import {
  checkBinding,
  verifyStatement,
  type Judge,
  type VerifiedStatement,
} from '../sovereign/verify-statement.js';
import type { EntryBody, VoidedCheckpoint } from '../ledger/entries.js';
import type { Ledger, Written } from '../ledger/ledger.js';
import type { State } from '../ledger/state.js';
import type { Policy } from '../policy/policy.js';

export interface Acceptance {
  readonly ledger: Ledger;
  /** The compiled policy that the state names as in force. */
  readonly inForce: (state: State) => Policy;
  /** The later of all clocks, milliseconds. */
  readonly now: () => number;
  /**
   * The next policy, already compiled, its bytes durable in blobs/ and its keys found on their tokens: given with
   * a `policy` statement.
   */
  readonly next?: Policy;
  /**
   * While there is one, nothing but its acceptance is accepted. Absent: nobody has compared the ledger with its
   * anchors, and where the policy has some, nothing is accepted at all.
   */
  readonly pending?: PendingRollback | null;
}

/** A ledger that an anchor contradicts, waiting for the Sovereign's word. */
export interface PendingRollback {
  /** The ledger as it was found: entries and root (base64). */
  readonly size: number;
  readonly root: string;
  /** The checkpoints that contradict it. */
  readonly contradicted: readonly VoidedCheckpoint[];
  /** When the running daemon first found it, milliseconds. */
  readonly since: number;
}

export interface Accepted {
  readonly id: string;
  readonly kind: VerifiedStatement['kind'];
  /** Authorities whose signatures counted. */
  readonly authorities: readonly string[];
  readonly ignored: VerifiedStatement['ignored'];
  readonly entry: Written;
}

/**
 * Verifies a statement by the Sovereign in force and appends what it does, in one step, consuming its id. The only
 * way anything is widened (I8). Throws MALFORMED_STATEMENT, STATEMENT_INVALID, QUORUM_NOT_MET, LEDGER_UNAVAILABLE.
 */
export async function acceptStatement(acceptance: Acceptance, envelope: Envelope): Promise<Accepted> {
  const { result, written } = await acceptance.ledger.transact((state, ledgerNow) => {
    const { statement, body } = judged(acceptance, envelope, state, ledgerNow);
    const { epoch } = statement.payload;
    // The entry will bear this time, which may lie before the other clock's: it is all that a verifier has.
    checkBinding(statement, { origin: acceptance.ledger.origin, epoch, now: ledgerNow });
    return { entries: [body], result: statement };
  });
  const [entry] = written;
  if (entry === undefined) throw new ChanceryError('INTERNAL', 'the statement was not written');
  const { id, kind, authorities, ignored } = result;
  return { id, kind, authorities, ignored, entry };
}

/**
 * Whether the statement would be accepted now; nothing is appended. Asked before anything is done for a statement:
 * whoever has no quorum must not fill the disk with blobs or have tokens opened. Throws as `acceptStatement` does.
 */
export function checkStatement(acceptance: Acceptance, envelope: Envelope): void {
  const { state } = acceptance.ledger;
  judged(acceptance, envelope, state, state.time);
}

function judged(
  acceptance: Acceptance,
  envelope: Envelope,
  state: State,
  ledgerNow: number,
): { readonly statement: VerifiedStatement; readonly body: EntryBody } {
  const policy = acceptance.inForce(state);
  const judge: Judge = {
    ...policy.sovereign,
    origin: acceptance.ledger.origin,
    now: Math.max(ledgerNow, acceptance.now()),
  };
  const statement = verifyStatement(envelope, judge);
  if (state.statementUsed(statement.id)) {
    throw invalid(
      'its id was used before: a statement counts once',
      'it came into force when it was submitted first; to have the same again, issue and sign a new one',
    );
  }
  if (acceptance.pending === undefined && policy.anchors.length > 0) throw notCompared();
  checkRollback(statement, state, acceptance.pending ?? null);
  return { statement, body: bodyOf(statement, envelope, state, policy, acceptance, judge.now) };
}

function bodyOf(
  statement: VerifiedStatement,
  envelope: Envelope,
  state: State,
  policy: Policy,
  { next, pending }: Acceptance,
  now: number,
): EntryBody {
  switch (statement.kind) {
    case 'attestation':
      checkAttestation(statement, state, policy, now);
      return {
        type: 'statement',
        kind: 'attestation',
        id: statement.id,
        authorities: statement.authorities,
        statement: envelope,
      };
    case 'policy':
      checkPolicy(statement, state, policy, next);
      return {
        type: 'policy',
        sha256: statement.payload.sha256,
        serial: statement.payload.serial,
        id: statement.id,
        statement: envelope,
      };
    case 'unfreeze': {
      const { freeze } = statement.payload;
      if (!state.freezes().some((held) => held.hash === freeze)) {
        throw invalid(
          `no freeze in force has the hash ${freeze}`,
          '`chancery status` shows the freezes in force',
        );
      }
      return { type: 'unfreeze', freeze, id: statement.id, statement: envelope };
    }
    case 'accept-rollback':
      return {
        type: 'statement',
        kind: 'accept-rollback',
        id: statement.id,
        authorities: statement.authorities,
        statement: envelope,
        voided: pending?.contradicted ?? [],
      };
    case 'genesis':
      throw invalid('the ledger has begun');
  }
}

type Of<K extends VerifiedStatement['kind']> = Extract<VerifiedStatement, { readonly kind: K }>;

/** An older copy of the ledger may have an older policy in force, whose authorities must widen nothing. */
function notCompared(): ChanceryError {
  return new ChanceryError('LEDGER_UNAVAILABLE', 'the ledger was not compared with its anchors', {
    hint: 'start the daemon, which compares, and hand the statement to it',
  });
}

/**
 * What an accepted rollback gave up may have held uses and revocations: no statement from before counts again. And
 * while one is pending, the policy in force may be an old one, whose authorities must widen nothing.
 */
function checkRollback(statement: VerifiedStatement, state: State, pending: PendingRollback | null): void {
  const { rollback } = state;
  if (rollback !== null && statement.issuedAt <= rollback.time) {
    throw invalid('it was issued before the last rollback was accepted, which voided it', 'issue a new one');
  }
  if (statement.kind !== 'accept-rollback') {
    if (pending === null) return;
    throw new ChanceryError(
      'LEDGER_UNAVAILABLE',
      'the ledger may have been rolled back: it accepts nothing else first',
      {
        hint: 'restore the newest copy of the ledger, or have the Sovereign sign an accept-rollback statement',
      },
    );
  }
  if (pending === null) throw invalid('no anchor contradicts this ledger, so there is no rollback to accept');
  // The same copy can be put back a second time: the word that gave up one future would give up the next too, with
  // every freeze and policy in it, and the entry that used its id is among what was lost. A payload may have whole seconds.
  if (statement.issuedAt < Math.floor(pending.since / 1000) * 1000) {
    throw invalid(
      'it was issued before this rollback was found',
      'look again at what is given up, and issue a new one while the daemon runs',
    );
  }
  const { size, root } = statement.payload;
  if (size === pending.size && root === pending.root) return;
  throw invalid(
    `it accepts ${String(size)} entries with root ${root}, this ledger was found with ${String(pending.size)} and ${pending.root}`,
    'sign exactly the size and root that `chancery status` shows',
  );
}

/** An attestation may only name what the policy in force grants, for no longer than each key allows. */
function checkAttestation(statement: Of<'attestation'>, state: State, policy: Policy, now: number): void {
  const { payload, issuedAt, expiresAt } = statement;
  for (const named of payload.keys) {
    const key = policy.keys.get(named.id);
    if (key === undefined) throw invalid(`the policy has no key ${named.id}`);
    if (key.address !== named.publicKey) {
      throw invalid(
        `key ${named.id} has the public key ${key.address}, the statement says ${named.publicKey}`,
      );
    }
    if (!key.workloads.has(payload.workload)) {
      throw invalid(`the policy does not grant key ${named.id} to ${payload.workload}`);
    }
    const { maxAge } = key.attestation;
    if (expiresAt === null || expiresAt - issuedAt > maxAge) {
      throw invalid(`it lasts longer than the ${String(maxAge / 60_000)} minutes key ${named.id} allows`);
    }
    if (payload.possession === undefined && key.attestation.possession === 'required') {
      throw invalid(`key ${named.id} requires a possession key`);
    }
    if (key.attestation.challenge === 'required' && payload.ledger === undefined) {
      throw invalid(`key ${named.id} requires a challenge`, 'issue it with the ledger head of getChallenge');
    }
  }
  if (payload.ledger === undefined) return;
  const head = state.rootAt(payload.ledger.size);
  if (head?.root !== payload.ledger.root) {
    throw invalid('the ledger head it names is not one of this ledger', 'take a fresh one with getChallenge');
  }
  const oldest = Math.min(...payload.keys.map(({ id }) => policy.keys.get(id)?.attestation.maxAge ?? 0));
  if (now - head.time > oldest) throw invalid('the ledger head it names is too old', 'take a fresh one');
}

function checkPolicy(
  { payload }: Of<'policy'>,
  state: State,
  inForce: Policy,
  next: Policy | undefined,
): void {
  const current = state.policy;
  if (next?.sha256 !== payload.sha256) {
    throw invalid(
      'the policy file is not the one it names',
      'submit it together with the policy.yaml it was signed for',
    );
  }
  if (next.signer !== state.origin) throw invalid(`that policy is for the signer ${next.signer}`);
  if (next.serial !== payload.serial) {
    throw invalid(
      `the policy has serial ${String(next.serial)}, the statement says ${String(payload.serial)}`,
    );
  }
  if (current === null) return;
  if (payload.serial <= current.serial) {
    throw invalid(
      `serial ${String(payload.serial)} is not above ${String(current.serial)}, which is in force`,
    );
  }
  if (payload.previous !== current.sha256) {
    throw invalid(`it follows policy ${payload.previous}, in force is ${current.sha256}`);
  }
  const [from, to] = [inForce.sovereign.epoch, next.sovereign.epoch];
  if (to < from) {
    throw invalid(
      `epoch ${String(to)} is below ${String(from)}: what was voided with an epoch would hold again`,
    );
  }
}

function invalid(message: string, hint?: string): ChanceryError {
  const sentence = `the statement is not accepted: ${message}`;
  return new ChanceryError('STATEMENT_INVALID', sentence, { hint });
}
