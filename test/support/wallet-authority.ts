import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import bs58 from 'bs58';
import type { AuthorityText, Preamble } from '../../src/sovereign/authority.js';
import type { EnvelopeSignature } from '../../src/sovereign/envelope.js';
import { offchainMessage } from '../../src/sovereign/offchain-message.js';

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An Ed25519 key in memory, for tests that need a signer whose every byte they choose. */
export class WalletAuthority {
  readonly id: string;
  readonly key: KeyObject;
  /** Raw 32 bytes. */
  readonly publicKey: Uint8Array;

  constructor(id: string, key: KeyObject = generateKeyPairSync('ed25519').privateKey) {
    this.id = id;
    this.key = key;
    const { x } = key.export({ format: 'jwk' });
    this.publicKey = Buffer.from(x ?? '', 'base64url');
  }

  static fromSeed(id: string, seed: Uint8Array): WalletAuthority {
    const der = Buffer.concat([PKCS8_PREFIX, seed]);
    return new WalletAuthority(id, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  }

  get address(): string {
    return bs58.encode(this.publicKey);
  }

  text(...preamble: readonly Preamble[]): AuthorityText {
    return { id: this.id, solana: this.address, preamble };
  }

  raw(message: Uint8Array): Uint8Array {
    return sign(null, message, this.key);
  }

  sign(preamble: Preamble, line: string): EnvelopeSignature {
    const signature = bs58.encode(this.raw(offchainMessage(preamble, this.publicKey, line)));
    return { authority: this.id, scheme: 'solana-offchain', signature };
  }
}
