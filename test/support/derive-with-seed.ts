import { pubkeyAt, pubkeyBytes, type Pubkey } from '../../src/core/pubkey.js';
import { sha256 } from '../../src/core/sha256.js';

/** `Pubkey::create_with_seed`: the account that `base` alone can open for `owner` under this seed. */
export function deriveWithSeed(base: Pubkey, seed: Uint8Array, owner: Pubkey): Pubkey {
  return pubkeyAt(sha256(pubkeyBytes(base), seed, pubkeyBytes(owner)));
}
