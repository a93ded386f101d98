import { ByteReader, ReadError } from '../core/byte-reader.js';
import { decodeBase64 } from '../core/base64.js';
import { sha256 } from '../core/sha256.js';
import { sshString } from './ssh-wire.js';

/** Key types an authority may have: Ed25519 in a file, agent or PKCS#11 token, and Ed25519 on a FIDO2 device. */
const SSH_KEY_TYPES = ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com'] as const;
type SshKeyType = (typeof SSH_KEY_TYPES)[number];

export interface SshPublicKey {
  readonly type: SshKeyType;
  /** The wire-format blob, which a fingerprint is taken of. */
  readonly blob: Uint8Array;
  /** The raw 32-byte Ed25519 key. */
  readonly key: Uint8Array;
  /** FIDO application (`ssh:` unless chosen); only sk keys have one. */
  readonly application?: string;
}

/** A line of a `.pub` file is far below this, comment included. */
const MAX_LINE = 1024;
const MAX_APPLICATION = 255;

/** A wire-format public key blob. Throws ReadError; nothing may follow the last field. */
export function readPublicKeyBlob(blob: Uint8Array): SshPublicKey {
  const reader = new ByteReader(blob);
  const name = Buffer.from(sshString(reader, 'the key type', 64)).toString('latin1');
  const type = SSH_KEY_TYPES.find((known) => known === name);
  if (type === undefined) {
    throw new ReadError(`the key type must be one of ${SSH_KEY_TYPES.join(', ')}`, 0);
  }
  const key = sshString(reader, 'the Ed25519 key', 32);
  if (key.length !== 32) throw new ReadError('the Ed25519 key must have 32 bytes', 0);
  if (type === 'ssh-ed25519') {
    reader.finish('the public key');
    return { type, blob, key };
  }
  const application = Buffer.from(sshString(reader, 'the FIDO application', MAX_APPLICATION)).toString(
    'latin1',
  );
  reader.finish('the public key');
  if (!/^[\x21-\x7e]+$/.test(application)) throw new ReadError('the FIDO application must be plain ASCII', 0);
  return { type, blob, key, application };
}

/** The line of a `.pub` file: `<type> <base64> [comment]`. Throws ReadError. */
export function parsePublicKeyLine(line: string): SshPublicKey {
  const match = line.length > MAX_LINE ? null : /^([!-~]+) ([!-~]+)(?: [^\p{C}]*)?$/u.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new ReadError('not an OpenSSH public key line (<type> <base64> [comment])', 0);
  }
  const blob = decodeBase64(match[2]);
  if (blob === null) throw new ReadError('the key is not canonical base64', 0);
  const key = readPublicKeyBlob(blob);
  // A line whose first word says one type and whose blob says another would read differently to a person.
  if (key.type !== match[1]) throw new ReadError(`the line says ${match[1]}, the key itself ${key.type}`, 0);
  return key;
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export function fingerprint(key: SshPublicKey): string {
  return `SHA256:${sha256(key.blob).toString('base64').replace(/=+$/, '')}`;
}
