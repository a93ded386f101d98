import type { Files } from '../core/files.js';
import type { MadeSignature } from '../core/made-signature.js';
import { linesSince } from '../ledger/store/lines-since.js';

/** An outcome follows its authorization by less, else the request has failed. Milliseconds. */
const LONGEST_REQUEST_MS = 60_000;

/**
 * Shows what was signed since `since` (ms), oldest first, out of a ledger that was checked a moment ago. Whether a
 * signature was handed over nobody can tell from there: all of them may have been.
 */
export async function signedSince(
  files: Files,
  directory: string,
  since: number,
  see: (signed: MadeSignature) => void,
): Promise<void> {
  const authorized = new Map<string, Pick<MadeSignature, 'key' | 'publicKey'>>();
  await linesSince(files, directory, since - LONGEST_REQUEST_MS, ({ entry, sequence, time }) => {
    if (entry.type === 'authorization') authorized.set(entry.sequence, entry);
    if (entry.type !== 'signature') return;
    const by = authorized.get(entry.authorization);
    authorized.delete(entry.authorization);
    if (by === undefined || time < since) return;
    const { key, publicKey } = by;
    see({ time, key, publicKey, signature: entry.signature, sequence });
  });
}
