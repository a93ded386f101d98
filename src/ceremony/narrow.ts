import { ChanceryError } from '../core/errors.js';
import type { FreezeBody, Operator, RevocationBody } from '../ledger/entries.js';
import { appendOne, type Ledger, type Written } from '../ledger/ledger.js';
import type { State } from '../ledger/state.js';

type Narrowing =
  | Pick<FreezeBody, 'type' | 'key' | 'publicKey' | 'reason'>
  | Pick<RevocationBody, 'type' | 'attestation' | 'reason'>;

/** Who acts in the ledger of a daemon that does not run: the user who runs this. */
export function thisOperator(): Operator {
  return { uid: process.getuid?.() ?? 0, pid: process.pid };
}

/**
 * Freezes, or revokes an attestation, in the ledger of a daemon that does not run. Throws STATEMENT_INVALID when there
 * is no such attestation, LEDGER_UNAVAILABLE.
 */
export async function appendNarrowing(ledger: Ledger, narrowing: Narrowing): Promise<Written> {
  return await appendOne(ledger, (state) => {
    if (narrowing.type === 'revocation' && narrowing.attestation !== undefined) {
      refuseUnknown(state, narrowing.attestation, '`chancery ledger tail --type statement` shows the ids');
    }
    return { ...narrowing, by: thisOperator() };
  });
}

/**
 * An id nobody knows is a typing error sooner than a statement not submitted yet, and to say "revoked" would look like
 * safety. Throws STATEMENT_INVALID, with `hint`.
 */
export function refuseUnknown(state: State, attestation: string, hint: string): void {
  if (state.attestation(attestation) !== null) return;
  throw new ChanceryError('STATEMENT_INVALID', `no attestation has the id ${JSON.stringify(attestation)}`, {
    hint,
  });
}
