import { createHash } from 'node:crypto';
import { ByteReader, ReadError } from '../core/byte-reader.js';
import { decodeBase64, encodeBase64 } from '../core/base64.js';
import { SIGNATURE_BYTES } from '../core/ed25519.js';
import { readPublicKeyBlob, type SshPublicKey } from './ssh-public-key.js';
import { sshString, toSshString } from './ssh-wire.js';

/** OpenSSH PROTOCOL.sshsig. */
const MAGIC = Buffer.from('SSHSIG', 'ascii');
const VERSION = 1;
const HASH = 'sha512';

const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '\n-----END SSH SIGNATURE-----';
/** ssh-keygen breaks armor lines here. */
const ARMOR_COLUMNS = 70;

/** Flags of a FIDO assertion (PROTOCOL.u2f). */
export const FLAG_TOUCH = 0x01;
export const FLAG_PIN = 0x04;

/** A signature as read: nothing about it has been verified. */
export interface SshSignature {
  readonly publicKey: SshPublicKey;
  readonly namespace: string;
  /** 64 bytes, Ed25519. */
  readonly signature: Uint8Array;
  /** What the FIDO device said when it signed; null for a plain key. */
  readonly fido: { readonly flags: number; readonly counter: number } | null;
}

/**
 * Reads an armored signature as `ssh-keygen -Y sign` writes it. Strict: canonical armor (a last line feed may be
 * missing), version 1, sha512, empty reserved field, inner type equal to the key's, nothing after any field.
 * Throws ReadError.
 */
export function readSshSignature(armored: string): SshSignature {
  const reader = new ByteReader(unarmor(armored));
  if (!MAGIC.equals(reader.take(MAGIC.length, 'the magic'))) throw new ReadError('not an SSHSIG', 0);
  if (reader.u32be('the version') !== VERSION) throw new ReadError('not SSHSIG version 1', 6);
  const publicKey = readPublicKeyBlob(sshString(reader, 'the public key', 1024));
  const namespace = ascii(sshString(reader, 'the namespace', 256));
  if (sshString(reader, 'the reserved field', 1024).length > 0) {
    throw new ReadError('the reserved field is not empty', reader.offset);
  }
  if (ascii(sshString(reader, 'the hash algorithm', 16)) !== HASH) {
    throw new ReadError(`the hash algorithm must be ${HASH}`, reader.offset);
  }
  const inner = new ByteReader(sshString(reader, 'the signature', 1024));
  reader.finish('the signature');
  if (ascii(sshString(inner, 'the signature type', 64)) !== publicKey.type) {
    throw new ReadError('the signature is of another type than the key', 0);
  }
  const signature = sshString(inner, 'the Ed25519 signature', SIGNATURE_BYTES);
  if (signature.length !== SIGNATURE_BYTES)
    throw new ReadError('the Ed25519 signature must have 64 bytes', 0);
  const fido =
    publicKey.type === 'ssh-ed25519'
      ? null
      : { flags: inner.u8('the FIDO flags'), counter: inner.u32be('the FIDO counter') };
  inner.finish('the inner signature');
  return { publicKey, namespace, signature, fido };
}

/** The exact bytes the key signed, for a message of any length. */
export function sshSignedBytes(signature: SshSignature, message: Uint8Array): Uint8Array {
  const blob = Buffer.concat([
    MAGIC,
    toSshString(Buffer.from(signature.namespace, 'ascii')),
    toSshString(Buffer.alloc(0)),
    toSshString(Buffer.from(HASH, 'ascii')),
    toSshString(createHash(HASH).update(message).digest()),
  ]);
  if (signature.fido === null) return blob;
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(signature.fido.counter);
  const hash = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
  return Buffer.concat([
    hash(Buffer.from(signature.publicKey.application ?? '', 'ascii')),
    Buffer.from([signature.fido.flags]),
    counter,
    hash(blob),
  ]);
}

function unarmor(armored: string): Uint8Array {
  const text = armored.endsWith('\n') ? armored.slice(0, -1) : armored;
  if (!text.startsWith(BEGIN) || !text.endsWith(END) || text.length < BEGIN.length + END.length) {
    throw new ReadError('not an armored SSH signature', 0);
  }
  const body = text.slice(BEGIN.length, -END.length);
  const bytes = decodeBase64(body.replaceAll('\n', ''));
  // Two armors of one signature would be two texts for one thing.
  if (bytes === null || wrap(encodeBase64(bytes)) !== body) {
    throw new ReadError('the armor is not as ssh-keygen writes it', 0);
  }
  return bytes;
}

function wrap(text: string): string {
  return (text.match(new RegExp(`.{1,${String(ARMOR_COLUMNS)}}`, 'g')) ?? []).join('\n');
}

function ascii(bytes: Uint8Array): string {
  // latin1 keeps every byte apart, so that no two byte strings compare equal.
  return Buffer.from(bytes).toString('latin1');
}
