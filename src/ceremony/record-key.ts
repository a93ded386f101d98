import { ChanceryError } from '../core/errors.js';
import { quote } from '../core/schema.js';
import type { KeyBody } from '../ledger/entries.js';
import { appendOne, type Ledger, type Written } from '../ledger/ledger.js';
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

/**
 * What an operator is told when the key is on the token already and its entry was refused: the same, and that naming the
 * file again would only find the label taken. Other errors as they are.
 */
export function leftOnToken(error: unknown, label: string): unknown {
  if (!(error instanceof ChanceryError)) return error;
  const { code, message, hint, failures, request } = error;
  // Without an answer nobody knows: the daemon may have recorded it all the same, or do so yet.
  const unrecorded = ['TIMEOUT', 'DAEMON_UNREACHABLE'].includes(code) ? 'perhaps unrecorded' : 'unrecorded';
  const next = `when that is mended, \`chancery keys import --label ${label}\` without a file records it`;
  return new ChanceryError(
    code,
    `${message}; key ${quote(label)} lies on the token all the same, ${unrecorded}`,
    {
      cause: error,
      failures,
      hint: hint === undefined ? next : `${hint}; ${next}`,
      request,
    },
  );
}
