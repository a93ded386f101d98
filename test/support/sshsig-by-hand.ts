import { createHash } from 'node:crypto';
import type { WalletAuthority } from './wallet-authority.js';

const PLAIN = 'ssh-ed25519';
const FIDO = 'sk-ssh-ed25519@openssh.com';

/** Every field of an SSHSIG that a test may want wrong. */
export interface SshsigOptions {
  /** Given: a FIDO assertion with these flags. */
  readonly flags?: number;
  readonly application?: string;
  readonly counter?: number;
  readonly magic?: string;
  readonly version?: number;
  readonly reserved?: string;
  readonly hash?: string;
  readonly innerType?: string;
  /** Inserted after the key blob's last field, the inner signature's last field, the last field. */
  readonly keyTrailing?: string;
  readonly innerTrailing?: string;
  readonly trailing?: string;
  readonly columns?: number;
}

/** An armored SSHSIG made from its specification (PROTOCOL.sshsig, PROTOCOL.u2f), with a key in memory. */
export function signSshsig(
  key: WalletAuthority,
  message: Uint8Array,
  namespace: string,
  options: SshsigOptions = {},
): string {
  const { reserved = '', hash = 'sha512', magic = 'SSHSIG', application = 'ssh:' } = options;
  const digest = createHash(hash).update(message).digest();
  const blob = Buffer.concat([Buffer.from('SSHSIG'), ...[namespace, reserved, hash, digest].map(str)]);
  const fido = options.flags === undefined ? null : flagsAndCounter(options.flags, options.counter ?? 7);
  const signed = fido === null ? blob : Buffer.concat([sha256(Buffer.from(application)), fido, sha256(blob)]);
  const type = options.innerType ?? (fido === null ? PLAIN : FIDO);
  const inner = Buffer.concat([
    str(type),
    str(key.raw(signed)),
    fido ?? Buffer.alloc(0),
    Buffer.from(options.innerTrailing ?? ''),
  ]);
  const version = Buffer.alloc(4);
  version.writeUInt32BE(options.version ?? 1);
  const keyBlob = Buffer.concat([
    publicKeyBlob(key, fido === null ? undefined : application),
    Buffer.from(options.keyTrailing ?? ''),
  ]);
  const fields = [keyBlob, namespace, reserved, hash, inner].map(str);
  const whole = Buffer.concat([Buffer.from(magic), version, ...fields, Buffer.from(options.trailing ?? '')]);
  return armor(whole, options.columns);
}

/** The key blob; a FIDO one when an application is given. */
export function publicKeyBlob(key: WalletAuthority, application?: string): Buffer {
  const fields = application === undefined ? [PLAIN, key.publicKey] : [FIDO, key.publicKey, application];
  return Buffer.concat(fields.map(str));
}

/** The line of a `.pub` file. */
export function publicKeyLine(key: WalletAuthority, application?: string): string {
  const blob = publicKeyBlob(key, application).toString('base64');
  return `${application === undefined ? PLAIN : FIDO} ${blob}`;
}

/** Armor as ssh-keygen writes it, unless other columns are asked for. */
export function armor(bytes: Uint8Array, columns = 70): string {
  const text = Buffer.from(bytes).toString('base64');
  const lines = text.match(new RegExp(`.{1,${String(columns)}}`, 'g')) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

function flagsAndCounter(flags: number, counter: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(flags, 0);
  bytes.writeUInt32BE(counter, 1);
  return bytes;
}

function str(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
