import type { EntryBody } from '../ledger/entries.js';
import type { Written } from '../ledger/ledger.js';
import { ChanceryError } from '../core/errors.js';
import type { Authorized } from './authorize.js';
import type { Path } from './path.js';

/** Appends the outcome of an authorization; resolves when it is durable. */
async function enrol(path: Path, entries: readonly EntryBody[]): Promise<Written> {
  const { written } = await path.ledger.transact(() => ({ entries, result: undefined }));
  const [first] = written;
  if (first === undefined) throw new ChanceryError('INTERNAL', 'the outcome was not written');
  return first;
}

/** `signature` is base58. */
export function enrolSignature(path: Path, authorized: Authorized, signature: string): Promise<Written> {
  return enrol(path, [{ type: 'signature', authorization: String(authorized.entry.sequence), signature }]);
}

/** The token was not asked, or failed: what was counted stays counted, since it may have signed first. */
export function enrolFailure(path: Path, authorized: Authorized, code: string): Promise<Written> {
  return enrol(path, [{ type: 'failure', authorization: String(authorized.entry.sequence), code }]);
}

/**
 * A signature failed verification: the key's latch and the failure in one step. The latch stands first, for a crash
 * may cut one step to a prefix: an authorization left open gets `recovered`, a latch that is lost gets nothing.
 */
export function latchKey(path: Path, authorized: Authorized): Promise<Written> {
  const { key } = authorized.grant;
  return enrol(path, [
    { type: 'key', action: 'latch', token: key.token, label: key.object.label, publicKey: key.address },
    { type: 'failure', authorization: String(authorized.entry.sequence), code: 'HSM_UNAVAILABLE' },
  ]);
}
