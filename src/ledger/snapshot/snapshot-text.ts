import { canonicalJson } from '../../core/canonical-json.js';
import { Fold } from '../fold/fold.js';
import { savedFold } from '../fold/saved-fold.js';

/** Raised with every change of what the fold keeps or of what it makes of an entry. */
const VERSION = 3;

/** RFC 8785 JSON: the same entries give the same bytes. As large as the state, not as the ledger. */
export function snapshotText(fold: Fold): Buffer {
  return Buffer.from(canonicalJson({ version: VERSION, fold: fold.save() }));
}

/** Null when it is not a snapshot of this version. */
export function readSnapshot(bytes: Uint8Array): Fold | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  if (!('version' in value) || value.version !== VERSION || !('fold' in value)) return null;
  const parsed = savedFold.safeParse(value.fold);
  return parsed.success ? Fold.restore(parsed.data) : null;
}
