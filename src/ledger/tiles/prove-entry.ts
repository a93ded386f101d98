import { ChanceryError } from '../../core/errors.js';
import type { SignedCheckpoint } from '../checkpoint/signed-checkpoint.js';
import { formatTlogProof } from '../note/tlog-proof.js';
import { proveInclusion } from '../tree/prove.js';
import { verifyInclusion } from '../tree/verify-inclusion.js';
import type { Tiles } from './tiles.js';

/**
 * C2SP tlog-proof text that the entry is under the checkpoint, which MUST cover it. The proof is verified before it
 * is given away, so that damaged tiles cost a rebuild and never a proof that does not hold. Throws LEDGER_DAMAGED.
 */
export async function proveEntry(
  tiles: Tiles,
  checkpoint: SignedCheckpoint,
  sequence: number,
): Promise<string> {
  const { size, root, note } = checkpoint;
  await tiles.extend(size, root);
  let hashes = await attempt(tiles, checkpoint, sequence);
  if (hashes === null) {
    await tiles.rebuild(size, root);
    hashes = await attempt(tiles, checkpoint, sequence);
  }
  if (hashes === null) throw new ChanceryError('LEDGER_DAMAGED', 'the ledger gives no proof that holds');
  return formatTlogProof({ index: sequence, hashes, checkpoint: note });
}

async function attempt(
  tiles: Tiles,
  { size, root }: SignedCheckpoint,
  index: number,
): Promise<readonly Buffer[] | null> {
  try {
    const [leaf] = await tiles.read([{ level: 0, index }]);
    const proof = await proveInclusion(tiles, index, size);
    const expected = Buffer.from(root, 'base64');
    if (leaf === undefined) return null;
    return verifyInclusion({ index, size, leaf, root: expected, proof }) ? proof : null;
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'LEDGER_DAMAGED') return null;
    throw error;
  }
}
