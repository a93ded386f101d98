import { wellKnown } from '../core/pubkey.js';

/** Wrapped SOL under the Token program: its base units are lamports, held by the account itself. */
export const NATIVE_MINT = wellKnown('So11111111111111111111111111111111111111112');

/** The native mint of Token-2022, another asset by program and mint, though also made of lamports. */
const NATIVE_MINT_2022 = wellKnown('9pan9bMn5HatX4EJdBwg9VgCz7Uz5HL8N1m5D3NdXej9');
