import type { Clock } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { originName } from '../core/origin.js';
import { sha256Hex } from '../core/sha256.js';
import { putBlob } from '../ledger/store/blobs.js';
import { createLedger, refuseExisting } from '../ledger/store/create.js';
import { parsePolicy } from '../policy/parse-policy.js';
import type { Policy } from '../policy/policy.js';
import { keyOf, type Authority, type Sovereign } from '../sovereign/authority.js';
import type { Envelope } from '../sovereign/envelope.js';
import { verifyGenesis, type VerifiedGenesis } from '../sovereign/verify-genesis.js';
import { verifyStatement } from '../sovereign/verify-statement.js';

/** `previous` of the first policy statement. */
export const NO_POLICY = '0'.repeat(64);

export interface LedgerStart {
  /** Name of the signer in chancery.yaml. */
  readonly name: string;
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly genesis: Envelope;
  /** The exact bytes of policy.yaml, and the statement that brings them into force. */
  readonly policy: Uint8Array;
  readonly policyStatement: Envelope;
  /** The IDLs the policy pins. */
  readonly blobs?: readonly Uint8Array[];
}

/**
 * Starts a ledger: entry 0 from the genesis statement, entry 1 from the statement of the first policy, whose bytes
 * are stored as a blob. Both are verified against the authorities genesis names, and everything must speak of the
 * same signer, ledger key and Sovereign: what is written here can never be taken back. Returns the policy.
 *
 * Throws MALFORMED_STATEMENT, STATEMENT_INVALID, QUORUM_NOT_MET, POLICY_INVALID, CONFIG_INVALID (another name),
 * LEDGER_EXISTS, LEDGER_LOCKED, LEDGER_UNAVAILABLE.
 */
export async function startLedger(start: LedgerStart): Promise<Policy> {
  // First: beside a ledger that runs, policy.yaml is a later one than genesis names, and that is no fault.
  await refuseExisting(start.files, start.directory);
  const now = start.clock.wall();
  const genesis = verifyGenesis(start.genesis, now);
  const { payload } = genesis.statement;
  checkName(start.name, payload.signer);
  const blobs = new Map((start.blobs ?? []).map((blob) => [sha256Hex(blob), blob]));
  const policy = parsePolicy(start.policy, { blob: (sha256) => blobs.get(sha256) ?? null });
  checkPolicy(policy, genesis);
  const judge = { ...genesis.sovereign, origin: payload.signer, now };
  const statement = verifyStatement(start.policyStatement, judge, 'policy');
  if (statement.payload.sha256 !== policy.sha256) {
    throw invalid(`the policy statement names ${statement.payload.sha256}, policy.yaml is ${policy.sha256}`);
  }
  if (statement.payload.serial !== policy.serial) {
    throw invalid(
      `the policy statement has serial ${String(statement.payload.serial)}, policy.yaml ${String(policy.serial)}`,
    );
  }
  if (statement.payload.previous !== NO_POLICY) {
    throw invalid('the first policy follows none: `previous` must be 64 zeros');
  }
  if (statement.id === genesis.statement.id) {
    throw invalid('the genesis and the policy statement have the same id');
  }
  for (const blob of [...blobs.values(), start.policy]) await putBlob(start.files, start.directory, blob);
  await createLedger({
    directory: start.directory,
    files: start.files,
    clock: start.clock,
    genesis: [
      { type: 'genesis', origin: payload.signer, publicKey: payload.publicKey, statement: start.genesis },
      {
        type: 'policy',
        sha256: policy.sha256,
        serial: policy.serial,
        id: statement.id,
        statement: start.policyStatement,
      },
    ],
  });
  return policy;
}

function checkName(name: string, origin: string): void {
  if (originName(origin) === name) return;
  throw new ChanceryError('CONFIG_INVALID', `chancery.yaml has the name ${name}, genesis is for ${origin}`);
}

/** Genesis is what others pin: a policy that says something else from the first day would make it a lie. */
function checkPolicy(policy: Policy, { statement, sovereign }: VerifiedGenesis): void {
  const { payload } = statement;
  if (policy.sha256 !== payload.policy) {
    throw invalid(`genesis names the policy ${payload.policy}, policy.yaml is ${policy.sha256}`);
  }
  if (policy.signer !== payload.signer) {
    throw invalid(`genesis is for ${payload.signer}, policy.yaml for ${policy.signer}`);
  }
  const ledgerKey = [...policy.keys.values()].find(({ role }) => role === 'ledger');
  if (ledgerKey?.address !== payload.publicKey) {
    throw invalid(
      `the ledger key of genesis is ${payload.publicKey}, of policy.yaml ${ledgerKey?.address ?? 'none'}`,
    );
  }
  if (summary(policy.sovereign) !== summary(sovereign)) {
    throw invalid(
      'genesis and policy.yaml name different authorities (or what their keys must prove), thresholds or epochs',
    );
  }
}

function summary({ epoch, threshold, authorities }: Sovereign): string {
  return JSON.stringify([epoch, Object.entries(threshold).sort(), authorities.map(asked).sort()]);
}

/** Who an authority is, and all that its signatures are checked for. */
function asked(authority: Authority): string {
  const checks =
    authority.scheme === 'sshsig'
      ? [authority.keyType, authority.application ?? null, [...authority.require].sort()]
      : [authority.scheme, [...authority.preambles].sort()];
  return JSON.stringify([authority.id, keyOf(authority), ...checks]);
}

function invalid(message: string): ChanceryError {
  return new ChanceryError('STATEMENT_INVALID', `the ledger cannot start: ${message}`);
}
