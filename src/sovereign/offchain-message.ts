import { sha256 } from '../core/sha256.js';
import type { Preamble } from './authority.js';

/** Leads every Solana off-chain message; 0xff is no transaction version, so none can be taken for a transaction. */
const DOMAIN = Buffer.concat([Buffer.from([0xff]), Buffer.from('solana offchain', 'ascii')]);
/** The application domain of the second v0 form: 32 bytes that stand for Chancery. */
export const APPLICATION_DOMAIN = sha256(Buffer.from('chancery', 'ascii'));
/** Restricted ASCII: the form a hardware wallet shows in clear. */
const FORMAT_ASCII = 0;

/**
 * The exact bytes a wallet signs for a line of ASCII text, under one of the three preambles in use (the two of
 * version 0 are incompatible with each other). The verifier builds them itself and never takes framed bytes from
 * anyone. `key` is the signer's raw public key.
 */
export function offchainMessage(preamble: Preamble, key: Uint8Array, text: string): Uint8Array {
  const body = Buffer.from(text, 'ascii');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(body.length);
  switch (preamble) {
    case 'sdk-v0':
      return Buffer.concat([DOMAIN, Buffer.from([0, FORMAT_ASCII]), length, body]);
    case 'ledger-v0':
      return Buffer.concat([
        DOMAIN,
        Buffer.from([0]),
        APPLICATION_DOMAIN,
        Buffer.from([FORMAT_ASCII, 1]),
        key,
        length,
        body,
      ]);
    case 'kit-v1':
      return Buffer.concat([DOMAIN, Buffer.from([1, 1]), key, body]);
  }
}
