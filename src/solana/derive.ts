import { isOnCurve } from '../core/ed25519.js';
import { pubkeyAt, pubkeyBytes, type Pubkey } from '../core/pubkey.js';
import { sha256 } from '../core/sha256.js';
import { PROGRAM_IDS } from './program-names.js';

const PDA_MARKER = Buffer.from('ProgramDerivedAddress');

/** The first off-curve address from bump 255 downwards, as `Pubkey::find_program_address`. */
export function findProgramAddress(seeds: readonly Uint8Array[], program: Pubkey): Pubkey {
  for (let bump = 255; bump >= 0; bump--) {
    const hash = sha256(...seeds, Uint8Array.of(bump), pubkeyBytes(program), PDA_MARKER);
    if (!isOnCurve(hash)) return pubkeyAt(hash);
  }
  throw new RangeError('no program address exists for these seeds');
}

/** The one account of `mint` that the associated token account program makes for `wallet`; about 100 µs. */
export function deriveAssociatedTokenAccount(wallet: Pubkey, tokenProgram: Pubkey, mint: Pubkey): Pubkey {
  const seeds = [pubkeyBytes(wallet), pubkeyBytes(tokenProgram), pubkeyBytes(mint)];
  return findProgramAddress(seeds, PROGRAM_IDS['associated-token']);
}
