import {
  acceptStatement,
  checkStatement,
  type Acceptance,
  type Accepted,
  type PendingRollback,
} from '../ceremony/accept-statement.js';
import { ChanceryError } from '../core/errors.js';
import { sha256Hex } from '../core/sha256.js';
import { loadPolicy, type LoadedPolicy } from '../policy/load-policy.js';
import type { Policy } from '../policy/policy.js';
import type { Path } from '../signing/path.js';
import type { Envelope } from '../sovereign/envelope.js';
import { readStatement } from '../sovereign/read-statement.js';
import { tokenRefusal } from './token-refusal.js';
import { deriveScopes } from './derive-scopes.js';

/** Where statements are handed in, with the bytes they name by digest (policy.yaml for a policy). */
export type StatementDesk = (envelope: Envelope, blobs: readonly Uint8Array[]) => Promise<Accepted>;

/** Where the keys of the next policy lie. */
export interface NextTokens<Prepared> {
  prepare(policy: Policy): Promise<Prepared>;
  adopt(prepared: Prepared): Promise<void>;
  discard(prepared: Prepared): Promise<void>;
}

/**
 * Brings statements into force. A policy is compiled, stored and its keys found on their tokens before its entry is
 * appended: what the ledger says is in force can be acted on at once.
 */
export function statementDesk<Prepared>(
  path: Path,
  tokens: NextTokens<Prepared>,
  pending: () => PendingRollback | null,
): StatementDesk {
  const { ledger, policies, clock } = path;
  const acceptance = (next?: Policy): Acceptance => ({
    ledger,
    inForce: (state) => policies.inForce(state),
    now: () => clock.latest(),
    pending: pending(),
    ...(next === undefined ? {} : { next }),
  });

  /** Policies from their entries to the change of the tokens. */
  let adopting: Promise<unknown> = Promise.resolve();

  const acceptPolicy = async (
    envelope: Envelope,
    bytes: Uint8Array,
    sent: ReadonlyMap<string, Uint8Array>,
  ): Promise<Accepted> => {
    const { policy: next, blobs } = await compiled(
      bytes,
      async (sha256) => sent.get(sha256) ?? (await ledger.getBlob(sha256)),
    );
    // One that follows a policy whose tokens do not sign yet could share those that are about to be closed.
    await adopting;
    checkStatement(acceptance(next), envelope);
    await deriveScopes(next.book, ledger.state.allAttestations(clock.latest()));
    const prepared = await tokens.prepare(next).catch((error: unknown) => {
      throw tokenRefusal(error, 'STATEMENT_INVALID', 'the policy was not brought into force');
    });
    try {
      for (const blob of [...blobs, bytes]) await ledger.putBlob(blob);
      policies.add(next);
      const accepted = acceptStatement(acceptance(next), envelope).then(async (entry) => {
        await tokens.adopt(prepared);
        return entry;
      });
      // One that is refused meanwhile, the same sent twice, ends at once and must not end the wait for this one.
      adopting = Promise.allSettled([adopting, accepted]);
      return await accepted;
    } catch (error) {
      await tokens.discard(prepared);
      throw error;
    }
  };

  return async (envelope, blobs) => {
    const statement = readStatement(envelope);
    if (statement.kind === 'attestation') {
      checkStatement(acceptance(), envelope);
      await deriveScopes(policies.inForce(ledger.state).book, [statement.payload]);
    }
    if (statement.kind !== 'policy') return acceptStatement(acceptance(), envelope);
    const { sha256 } = statement.payload;
    const sent = new Map(blobs.map((blob) => [sha256Hex(blob), blob]));
    const bytes = sent.get(sha256);
    if (bytes === undefined) {
      throw new ChanceryError('STATEMENT_INVALID', 'the policy the statement names was not sent with it', {
        hint: 'submit it with `chancery policy submit`, which sends policy.yaml too',
      });
    }
    return acceptPolicy(envelope, bytes, sent);
  };
}

async function compiled(
  bytes: Uint8Array,
  load: (sha256: string) => Promise<Uint8Array | null>,
): Promise<LoadedPolicy> {
  try {
    return await loadPolicy(bytes, load);
  } catch (error) {
    if (!(error instanceof ChanceryError) || error.code !== 'POLICY_INVALID') throw error;
    throw new ChanceryError('STATEMENT_INVALID', `the policy is not valid: ${error.message}`, {
      cause: error,
    });
  }
}
