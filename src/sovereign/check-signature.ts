import { ReadError } from '../core/byte-reader.js';
import { decodeBase58 } from '../core/base58.js';
import { SIGNATURE_BYTES, verifyStrict } from '../core/ed25519.js';
import type { Authority } from './authority.js';
import { offchainMessage } from './offchain-message.js';
import { FLAG_PIN, FLAG_TOUCH, readSshSignature, sshSignedBytes, type SshSignature } from './sshsig.js';

type SshAuthority = Extract<Authority, { scheme: 'sshsig' }>;
type WalletAuthority = Extract<Authority, { scheme: 'solana-offchain' }>;

/** What an authority is to have signed. */
export interface Signed {
  readonly payloadBytes: Uint8Array;
  /** SSHSIG namespace of the statement's kind. */
  readonly namespace: string;
  /** The line a wallet signs; null when the statement does not fit one. */
  readonly line: string | null;
}

/**
 * Null when the signature is this authority's over exactly these bytes for this kind, else why not, in one
 * sentence. Never throws on bad input.
 */
export function checkSignature(authority: Authority, signed: Signed, signature: string): string | null {
  switch (authority.scheme) {
    case 'sshsig':
      return checkSsh(authority, signed, signature);
    case 'solana-offchain':
      return checkWallet(authority, signed, signature);
  }
}

function checkSsh(authority: SshAuthority, signed: Signed, armored: string): string | null {
  let signature: SshSignature;
  try {
    signature = readSshSignature(armored);
  } catch (error) {
    if (error instanceof ReadError) return `the signature cannot be read: ${error.message}`;
    throw error;
  }
  const { publicKey, namespace, fido } = signature;
  if (publicKey.type !== authority.keyType || !same(publicKey.key, authority.key.bytes)) {
    return 'it was made with another key';
  }
  if (publicKey.application !== authority.application) return 'it was made for another FIDO application';
  if (namespace !== signed.namespace) {
    return `it was made for another purpose; sign with ssh-keygen -Y sign -n ${signed.namespace}`;
  }
  // ssh-keygen -Y verify ignores these flags: only this check makes touch and PIN mean anything.
  const flags = fido?.flags ?? 0;
  if (authority.require.includes('touch') && (flags & FLAG_TOUCH) === 0) {
    return 'the FIDO key was not touched; make it without no-touch-required';
  }
  if (authority.require.includes('pin') && (flags & FLAG_PIN) === 0) {
    return 'the PIN of the FIDO key was not entered; make the key with -O verify-required';
  }
  const bytes = sshSignedBytes(signature, signed.payloadBytes);
  return verifyStrict(authority.key, bytes, signature.signature)
    ? null
    : 'it is not a signature of these bytes';
}

function checkWallet(authority: WalletAuthority, signed: Signed, text: string): string | null {
  const { line } = signed;
  if (line === null)
    return 'the statement is too long or not plain ASCII, so no wallet can show it; use an SSH key';
  const signature = decodeBase58(text);
  if (signature?.length !== SIGNATURE_BYTES) return 'the signature is not the base58 of 64 bytes';
  const good = authority.preambles.some((preamble) =>
    verifyStrict(authority.key, offchainMessage(preamble, authority.key.bytes, line), signature),
  );
  return good
    ? null
    : `it is not a signature of the line of this statement (${authority.preambles.join(', ')})`;
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
