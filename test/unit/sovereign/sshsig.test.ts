import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ReadError } from '../../../src/core/byte-reader.js';
import { enrolKey, verifyStrict } from '../../../src/core/ed25519.js';
import { parsePublicKeyLine } from '../../../src/sovereign/ssh-public-key.js';
import { FLAG_PIN, FLAG_TOUCH, readSshSignature, sshSignedBytes } from '../../../src/sovereign/sshsig.js';

const directory = new URL('../../vectors/sshsig/', import.meta.url);
function vector(name: string): Buffer {
  return readFileSync(new URL(name, directory));
}

function verifies(name: string, message: Uint8Array): boolean {
  const signature = readSshSignature(vector(`${name}.sig`).toString());
  const key = enrolKey(signature.publicKey.key);
  return key !== null && verifyStrict(key, sshSignedBytes(signature, message), signature.signature);
}

describe('the SSHSIG vectors of OpenSSH', () => {
  it.each(['ed25519', 'ed25519_sk'])('%s verifies over its data and nothing else', (name) => {
    const data = vector('signed-data');
    expect(verifies(name, data)).toBe(true);
    expect(verifies(name, Buffer.concat([data, Buffer.from('\n')]))).toBe(false);
  });

  it.each(['ed25519', 'ed25519_sk'])('%s names the key of its .pub file and its namespace', (name) => {
    const signature = readSshSignature(vector(`${name}.sig`).toString());
    const line = parsePublicKeyLine(vector(`${name}.pub`).toString().trim());
    expect(signature.publicKey).toEqual(line);
    expect(signature.namespace).toBe(vector('namespace').toString());
  });

  it('the FIDO one was touched, without a PIN', () => {
    const { fido, publicKey } = readSshSignature(vector('ed25519_sk.sig').toString());
    expect(fido?.flags).toBe(FLAG_TOUCH);
    expect((fido?.flags ?? 0) & FLAG_PIN).toBe(0);
    expect(publicKey.application).toBe('ssh:');
  });

  it.each(['rsa', 'ecdsa', 'ecdsa_sk', 'ecdsa_sk_webauthn'])(
    '%s is no key type an authority may have',
    (name) => {
      expect(() => readSshSignature(vector(`${name}.sig`).toString())).toThrow(ReadError);
      expect(() => readSshSignature(vector(`${name}.sig`).toString())).toThrow('the key type must be one of');
    },
  );
});
