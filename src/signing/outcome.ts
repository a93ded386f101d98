import type { KeyBody } from '../ledger/entries.js';
import { appendOne, type Written } from '../ledger/ledger.js';
import type { KeyPolicy } from '../policy/policy.js';
import type { Authorized } from './authorize.js';
import type { Path } from './path.js';

/** `signature` is base58. Like the others here, resolves when the outcome is durable. */
export function enrolSignature(path: Path, authorized: Authorized, signature: string): Promise<Written> {
  const authorization = String(authorized.entry.sequence);
  return appendOne(path.ledger, () => ({ type: 'signature', authorization, signature }));
}

/** The token was not asked, or failed: what was counted stays counted, since it may have signed first. */
export function enrolFailure(path: Path, authorized: Authorized, code: string): Promise<Written> {
  const authorization = String(authorized.entry.sequence);
  return appendOne(path.ledger, () => ({ type: 'failure', authorization, code }));
}

/**
 * A signature failed verification: the key's latch and the failure in one step. The latch stands first, for a crash
 * may cut one step to a prefix: an authorization left open gets `recovered`, a latch that is lost gets nothing.
 */
export async function latchKey(path: Path, authorized: Authorized): Promise<void> {
  const { key } = authorized.grant;
  const authorization = String(authorized.entry.sequence);
  await path.ledger.transact(() => ({
    entries: [latchOf(key), { type: 'failure', authorization, code: 'HSM_UNAVAILABLE' }],
    result: undefined,
  }));
}

/** The entry that stops a key for good. */
export function latchOf({ token, object, address }: KeyPolicy): KeyBody {
  return { type: 'key', action: 'latch', token, label: object.label, publicKey: address };
}
