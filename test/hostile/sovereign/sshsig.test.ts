import { describe, expect, it } from 'vitest';
import { ReadError } from '../../../src/core/byte-reader.js';
import { checkSignature } from '../../../src/sovereign/check-signature.js';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import { readSshSignature } from '../../../src/sovereign/sshsig.js';
import { armor, publicKeyLine, signSshsig, type SshsigOptions } from '../../support/sshsig-by-hand.js';
import { WalletAuthority } from '../../support/wallet-authority.js';
import type { Requirement } from '../../../src/sovereign/authority.js';

const key = new WalletAuthority('alice');
const message = Buffer.from('{"type":"attestation/v1"}');
const NAMESPACE = 'attestation@chancery';
const signed = { payloadBytes: message, namespace: NAMESPACE, line: null };

function check(options: SshsigOptions, require?: readonly Requirement[]): string | null {
  const application = options.flags === undefined ? undefined : 'ssh:';
  const authority = parseAuthority({ id: 'alice', ssh: publicKeyLine(key, application), require });
  return checkSignature(authority, signed, signSshsig(key, message, NAMESPACE, options));
}

function bytesOf(armored: string): Buffer {
  return Buffer.from(armored.replace(/-----[^-]*-----/g, ''), 'base64');
}

const good = signSshsig(key, message, NAMESPACE);

describe('a FIDO assertion', () => {
  it('counts when it proves what the authority must prove', () => {
    expect(check({ flags: 0x05 }, ['touch', 'pin'])).toBeNull();
    expect(check({ flags: 0x01 }, ['touch'])).toBeNull();
    expect(check({ flags: 0x01 })).toBeNull();
  });
  it('without touch is refused, also when the policy says nothing', () => {
    expect(check({ flags: 0x04 }, ['touch', 'pin'])).toContain('was not touched');
    expect(check({ flags: 0x00 })).toContain('was not touched');
  });
  it('without PIN is refused where a PIN is required', () => {
    expect(check({ flags: 0x01 }, ['touch', 'pin'])).toContain('PIN of the FIDO key was not entered');
    expect(check({ flags: 0x01 }, ['pin'])).toContain('PIN');
  });
  it('for another application is refused', () => {
    expect(check({ flags: 0x05, application: 'ssh:other' })).toBe('it was made for another FIDO application');
  });
  it('whose flags were changed afterwards is refused', () => {
    const weak = signSshsig(key, message, NAMESPACE, { flags: 0x01 });
    const bytes = bytesOf(weak);
    bytes[bytes.length - 5] = 0x05;
    const authority = parseAuthority({
      id: 'alice',
      ssh: publicKeyLine(key, 'ssh:'),
      require: ['touch', 'pin'],
    });
    expect(checkSignature(authority, signed, armor(bytes))).toBe('it is not a signature of these bytes');
  });
  it('is no signature of the plain key, nor the other way round', () => {
    const plain = parseAuthority({ id: 'alice', ssh: publicKeyLine(key) });
    const fido = parseAuthority({ id: 'alice', ssh: publicKeyLine(key, 'ssh:') });
    const assertion = signSshsig(key, message, NAMESPACE, { flags: 0x05 });
    expect(checkSignature(plain, signed, assertion)).toBe('it was made with another key');
    expect(checkSignature(fido, signed, good)).toBe('it was made with another key');
  });
});

describe('every field of an SSHSIG is pinned', () => {
  const cases: [string, SshsigOptions, string][] = [
    ['magic', { magic: 'SSHSIH' }, 'not an SSHSIG'],
    ['version', { version: 2 }, 'not SSHSIG version 1'],
    ['reserved field', { reserved: 'x' }, 'the reserved field is not empty'],
    ['hash algorithm', { hash: 'sha256' }, 'the hash algorithm must be sha512'],
    ['inner type', { innerType: 'ssh-rsa' }, 'the signature is of another type than the key'],
    ['bytes after the key', { keyTrailing: 'x' }, '1 bytes follow the public key'],
    ['bytes after the inner signature', { innerTrailing: 'x' }, '1 bytes follow the inner signature'],
    ['bytes after the whole', { trailing: 'xy' }, '2 bytes follow the signature'],
    ['armor columns', { columns: 76 }, 'the armor is not as ssh-keygen writes it'],
  ];
  it.each(cases)('%s', (_name, options, sentence) => {
    expect(check(options)).toBe(`the signature cannot be read: ${sentence}`);
  });

  it('namespace', () => {
    const authority = parseAuthority({ id: 'alice', ssh: publicKeyLine(key) });
    for (const namespace of ['policy@chancery', 'attestation@chancery ', 'file', '']) {
      expect(checkSignature(authority, signed, signSshsig(key, message, namespace))).toContain(
        'for another purpose',
      );
    }
  });
});

describe('armor', () => {
  it('may lack its last line feed, as a shell leaves it', () => {
    expect(readSshSignature(good.trimEnd())).toEqual(readSshSignature(good));
  });
  it.each([
    ['CRLF', good.replaceAll('\n', '\r\n')],
    ['a blank line', good.replace('\n', '\n\n')],
    ['text before', `x${good}`],
    ['text after', `${good}x`],
    ['two line feeds at the end', `${good}\n`],
    ['two signatures', good + good],
    ['spaces', good.replace('U1NIU0lH', 'U1NIU0lH ')],
    ['nothing inside', armor(Buffer.alloc(0))],
    ['only a begin', '-----BEGIN SSH SIGNATURE-----\n'],
    ['nothing', ''],
    ['begin and end in one line', '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----'],
  ])('with %s is refused', (_name, text) => {
    expect(() => readSshSignature(text)).toThrow(ReadError);
  });
});

describe('damage', () => {
  it('every truncation is a ReadError', () => {
    const bytes = bytesOf(good);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSshSignature(armor(bytes.subarray(0, length))), String(length)).toThrow(ReadError);
    }
  });
  it('every flipped bit is refused', () => {
    const bytes = bytesOf(good);
    const authority = parseAuthority({ id: 'alice', ssh: publicKeyLine(key) });
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(checkSignature(authority, signed, armor(copy)), `bit ${String(bit)}`).not.toBeNull();
    }
  });
});
