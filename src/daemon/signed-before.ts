import type { Files } from '../core/files.js';
import { linesSince } from '../ledger/store/lines-since.js';
import type { Recent } from './recent-signatures.js';

/** An outcome follows its authorization by less, else the request has failed. Milliseconds. */
const LONGEST_REQUEST_MS = 60_000;

/**
 * What was signed since `since` (ms), out of the ledger, oldest first. Whether a signature was handed over before the
 * process ended nobody knows: all of them may have been.
 */
export async function signedBefore(files: Files, directory: string, since: number): Promise<Recent[]> {
  const authorized = new Map<string, Pick<Recent, 'key' | 'publicKey'>>();
  const signed: Recent[] = [];
  await linesSince(files, directory, since - LONGEST_REQUEST_MS, ({ entry, sequence, time }) => {
    if (entry.type === 'authorization') authorized.set(entry.sequence, entry);
    if (entry.type !== 'signature') return;
    const by = authorized.get(entry.authorization);
    authorized.delete(entry.authorization);
    if (by === undefined || time < since) return;
    const { key, publicKey } = by;
    signed.push({ time, key, publicKey, signature: entry.signature, sequence });
  });
  return signed;
}
