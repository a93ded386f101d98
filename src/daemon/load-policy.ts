import { STATEMENT_BACK } from '../ceremony/statement-back.js';
import { ChanceryError } from '../core/errors.js';
import { readFileUpTo } from '../core/read-file.js';
import { sha256Hex } from '../core/sha256.js';
import type { Ledger } from '../ledger/ledger.js';
import { loadPolicy } from '../policy/load-policy.js';
import type { Policy } from '../policy/policy.js';
import { parseEnvelopeText } from '../sovereign/envelope.js';
import { readStatement, type ReadStatement } from '../sovereign/read-statement.js';

/**
 * Reads policy.yaml and its signature file and holds both against the ledger: the bytes must be those of the
 * policy in force, and the statement the one that brought them there. What an operator edits has no effect until
 * the Sovereign's statement for it is in the ledger (I8).
 *
 * Throws POLICY_NOT_IN_FORCE, POLICY_INVALID, FILE_UNREADABLE.
 */
export async function loadPolicyInForce(path: string, ledger: Ledger): Promise<Policy> {
  const { state } = ledger;
  const bytes = readFileUpTo(path, path);
  const record = state.policy;
  if (record === null) {
    throw notInForce('the ledger has no policy in force', 'start the ledger with `chancery genesis`');
  }
  const sha256 = sha256Hex(bytes);
  const signHint = record.sha256 === sha256 ? STATEMENT_BACK : SIGN;
  const signature = readSignature(`${path}.sig`, signHint);
  if (signature.kind !== 'policy') throw notInForce(`${path}.sig holds a ${signature.kind} statement`);
  if (signature.payload.signer !== state.origin) {
    throw notInForce(
      `${path}.sig is for the signer ${signature.payload.signer}, this ledger is ${state.origin}`,
    );
  }
  if (signature.payload.sha256 !== sha256) {
    throw notInForce(`${path} is not the file that ${path}.sig signs`, signHint);
  }
  if (record.sha256 !== sha256 || record.id !== signature.id) {
    throw notInForce(
      signature.payload.serial <= record.serial
        ? `${path} has serial ${String(signature.payload.serial)}, in force is ${String(record.serial)}`
        : `${path} is signed but not in force yet`,
      'bring it into force with `chancery policy submit`, or put back the policy in force (`chancery policy show`)',
    );
  }
  const { policy } = await loadPolicy(bytes, (digest) => ledger.getBlob(digest));
  if (policy.signer !== state.origin) {
    throw notInForce(`${path} is for the signer ${policy.signer}, this ledger is ${state.origin}`);
  }
  return policy;
}

const SIGN = 'sign it: `chancery policy sign`, then `chancery policy submit`';

/** Throws POLICY_NOT_IN_FORCE, also for what is no statement: how another kind is made would be no help. */
function readSignature(path: string, hint: string): ReadStatement {
  try {
    return readStatement(parseEnvelopeText(readFileUpTo(path, path)));
  } catch (cause) {
    if (!(cause instanceof ChanceryError)) throw cause;
    const unreadable = cause.code === 'FILE_UNREADABLE';
    const why = unreadable ? cause.message : `${path}: ${cause.message}`;
    // The system's own error says whether the file is gone or only shut.
    throw new ChanceryError('POLICY_NOT_IN_FORCE', `the policy is not signed: ${why}`, {
      cause: unreadable ? cause.cause : cause,
      hint,
    });
  }
}

function notInForce(message: string, hint?: string): ChanceryError {
  return new ChanceryError('POLICY_NOT_IN_FORCE', message, { hint });
}
