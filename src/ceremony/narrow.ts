import { ChanceryError } from '../core/errors.js';
import type { FreezeBody, RevocationBody } from '../ledger/entries.js';
import type { Ledger } from '../ledger/ledger.js';

type Narrowing =
  | Pick<FreezeBody, 'type' | 'key' | 'publicKey' | 'reason'>
  | Pick<RevocationBody, 'type' | 'attestation' | 'workload' | 'reason'>;

/**
 * Freezes or revokes in the ledger of a daemon that does not run, in the name of the user who runs this. Throws
 * STATEMENT_INVALID when there is no such attestation, LEDGER_UNAVAILABLE.
 */
export async function appendNarrowing(
  ledger: Ledger,
  narrowing: Narrowing,
): Promise<{ readonly entry: { readonly sequence: string; readonly hash: string } }> {
  const by = { uid: process.getuid?.() ?? 0, pid: process.pid };
  const { written } = await ledger.transact((state) => {
    if (narrowing.type === 'revocation' && narrowing.attestation !== undefined) {
      if (state.attestation(narrowing.attestation) === null) {
        throw new ChanceryError(
          'STATEMENT_INVALID',
          `no attestation has the id ${JSON.stringify(narrowing.attestation)}`,
          { hint: '`chancery ledger tail --type statement` shows the ids' },
        );
      }
    }
    return { entries: [{ ...narrowing, by }], result: undefined };
  });
  const [entry] = written;
  if (entry === undefined) throw new ChanceryError('INTERNAL', 'the entry was not written');
  return { entry: { sequence: String(entry.sequence), hash: entry.hash } };
}
