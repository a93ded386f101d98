import type { Pubkey } from '../../core/pubkey.js';
import type { Asset, KeyContext } from '../assessment.js';
import { NATIVE_MINT } from '../native-mint.js';
import { PROGRAM_IDS } from '../program-names.js';

export const SOL: Asset = { kind: 'sol' };

/**
 * Whether lamports sent here stay the key's: only the associated account of the native mint under Token. The
 * same mint under Token-2022 gives another address, where no native account can ever be made, and any other
 * token account of the key would just hold lamports.
 */
export function isOwnWrappedSol(account: Pubkey, context: KeyContext): boolean {
  const own = context.ownTokenAccounts.get(account);
  return own?.program === PROGRAM_IDS.token && own.mint === NATIVE_MINT;
}

/** Wrapped SOL is SOL; any other token is its program and mint. */
export function assetOf(program: Pubkey, mint: Pubkey): Asset {
  return program === PROGRAM_IDS.token && mint === NATIVE_MINT ? SOL : { kind: 'token', program, mint };
}
