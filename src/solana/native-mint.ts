import { wellKnown } from '../core/pubkey.js';

/** Wrapped SOL under the Token program: its base units are lamports, held by the account itself. */
export const NATIVE_MINT = wellKnown('So11111111111111111111111111111111111111112');
