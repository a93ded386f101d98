import { ChanceryError } from '../core/errors.js';
import type { Envelope } from '../sovereign/envelope.js';
import { verifyStatement, type Judge, type VerifiedStatement } from '../sovereign/verify-statement.js';
import type { EntryBody } from '../ledger/entries.js';
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
    const policy = acceptance.inForce(state);
    const judge: Judge = {
      ...policy.sovereign,
      origin: acceptance.ledger.origin,
      now: Math.max(ledgerNow, acceptance.now()),
    };
    const statement = verifyStatement(envelope, judge);
    if (state.statementUsed(statement.id)) throw invalid('its id was used before: a statement counts once');
    const body = entryOf(statement, envelope, state, policy, acceptance.next, judge.now);
    return { entries: [body], result: statement };
  });
  const [entry] = written;
  if (entry === undefined) throw new ChanceryError('INTERNAL', 'the statement was not written');
  const { id, kind, authorities, ignored } = result;
  return { id, kind, authorities, ignored, entry };
}

function entryOf(
  statement: VerifiedStatement,
  envelope: Envelope,
  state: State,
  policy: Policy,
  next: Policy | undefined,
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
      checkPolicy(statement, state, next);
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
    case 'genesis':
      throw invalid('the ledger has begun');
  }
}

type Of<K extends VerifiedStatement['kind']> = Extract<VerifiedStatement, { readonly kind: K }>;

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

function checkPolicy({ payload }: Of<'policy'>, state: State, next: Policy | undefined): void {
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
}

function invalid(message: string, hint?: string): ChanceryError {
  const sentence = `the statement is not accepted: ${message}`;
  return new ChanceryError('STATEMENT_INVALID', sentence, hint === undefined ? {} : { hint });
}
