import { appendOne } from '../ledger/append-one.js';
import type { KeyBody } from '../ledger/entries.js';
import type { Ledger, Written } from '../ledger/ledger.js';
import type { NewKey } from './keys.js';

/**
 * Writes that a key was made or brought. It gives the key no power: it signs for nobody until a signed policy names
 * it, so no statement is asked for. A key whose entry cannot be written stays on the token, unused; enrolling it
 * again writes the entry. Throws LEDGER_UNAVAILABLE.
 */
export async function recordKey(
  ledger: Ledger,
  action: Extract<KeyBody['action'], 'generate' | 'import'>,
  token: string,
  { label, publicKey }: NewKey,
): Promise<Written> {
  const body: KeyBody = { type: 'key', action, token, label, publicKey };
  return await appendOne(ledger, () => body);
}
