import { decodeBase58 } from '../core/base58.js';
import { ChanceryError } from '../core/errors.js';
import type { Signer } from '../core/signer.js';
import { appendOne, type Ledger } from '../ledger/ledger.js';
import { ledgerNoteKey } from '../ledger/note/checkpoint.js';
import type { NoteKey } from '../ledger/note/key.js';
import type { KeyPolicy } from '../policy/policy.js';
import { latchOf } from '../signing/outcome.js';
import type { Path } from '../signing/path.js';

/** The note key of the ledger that genesis names. Throws LEDGER_DAMAGED when it is no Ed25519 key. */
export function noteKeyOf(ledger: Ledger): NoteKey {
  const publicKey = decodeBase58(ledger.state.ledgerKey);
  const key = publicKey === null ? null : ledgerNoteKey(ledger.origin, publicKey);
  if (key === null)
    throw new ChanceryError('LEDGER_DAMAGED', 'the ledger key of the genesis is no Ed25519 key');
  return key;
}

/** The one key of the policy in force with the role `ledger`, if it is the one that genesis names. */
function ledgerKeyPolicy({ ledger, policies }: Path): KeyPolicy | null {
  const { state } = ledger;
  for (const key of policies.inForce(state).keys.values()) {
    if (key.role === 'ledger' && key.address === state.ledgerKey) return key;
  }
  return null;
}

/**
 * Why the ledger key may not sign a checkpoint now. A freeze of every key does not stop it: it signs no
 * transaction, and what happens around a freeze is what evidence is needed for. One that names it does.
 */
export function ledgerKeyRefuses(path: Path): ChanceryError | null {
  const { state, unavailable } = path.ledger;
  if (unavailable !== null) return new ChanceryError('LEDGER_UNAVAILABLE', unavailable);
  const key = ledgerKeyPolicy(path);
  if (key === null) {
    return new ChanceryError('UNKNOWN_KEY', 'the policy in force names another ledger key than the genesis', {
      hint: 'give the key of the genesis the role ledger; another ledger key is another ledger',
    });
  }
  if (state.latched(key.address)) {
    return new ChanceryError('HSM_UNAVAILABLE', 'the ledger key is latched after a faulty signature');
  }
  if (state.retired(key.address)) return new ChanceryError('KEY_RETIRED', 'the ledger key is retired');
  if (state.freezes().some(({ publicKey }) => publicKey === key.address)) {
    return new ChanceryError('KEY_FROZEN', 'the ledger key is frozen');
  }
  return null;
}

/** Has the ledger key sign a checkpoint, ahead of transactions: one signature an interval. */
export function checkpointSigner(
  path: Path,
  signer: Signer,
  refuses: () => ChanceryError | null,
): (message: Uint8Array) => Promise<Uint8Array> {
  return (message) => {
    const key = ledgerKeyPolicy(path);
    if (key === null) return Promise.reject(new ChanceryError('UNKNOWN_KEY', 'the policy has no ledger key'));
    return signer.sign({
      key: key.publicKey,
      message,
      priority: 'high',
      dispatch: () => {
        const refused = refuses();
        if (refused !== null) throw refused;
      },
    });
  };
}

/** A faulty signature latches the ledger key like any other: the same bytes must never be signed again. */
export async function latchLedgerKey(path: Path): Promise<void> {
  const key = ledgerKeyPolicy(path);
  if (key === null) return;
  await appendOne(path.ledger, () => latchOf(key));
}
