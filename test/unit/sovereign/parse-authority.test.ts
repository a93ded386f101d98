import { describe, expect, it } from 'vitest';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import type { AuthorityText } from '../../../src/sovereign/authority.js';
import { publicKeyBlob, publicKeyLine } from '../../support/sshsig-by-hand.js';
import { thrown } from '../../support/thrown.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const key = new WalletAuthority('k');
const plain = publicKeyLine(key);
const fido = publicKeyLine(key, 'ssh:');

describe('an authority', () => {
  it('with an SSH key needs nothing else; a comment is skipped', () => {
    const authority = parseAuthority({ id: 'alice', ssh: `${plain} alice@laptop, 2026` });
    expect(authority).toMatchObject({ id: 'alice', scheme: 'sshsig', keyType: 'ssh-ed25519', require: [] });
    expect(Buffer.from(authority.key.bytes).equals(key.publicKey)).toBe(true);
  });

  it('with a FIDO key must be touched unless the policy says otherwise', () => {
    expect(parseAuthority({ id: 'a', ssh: fido })).toMatchObject({ application: 'ssh:', require: ['touch'] });
    expect(parseAuthority({ id: 'a', ssh: fido, require: ['touch', 'pin'] })).toMatchObject({
      require: ['touch', 'pin'],
    });
    expect(parseAuthority({ id: 'a', ssh: fido, require: [] })).toMatchObject({ require: [] });
  });

  it('with a wallet names its preambles', () => {
    const authority = parseAuthority({ id: 'cold', solana: key.address, preamble: ['ledger-v0'] });
    expect(authority).toMatchObject({ scheme: 'solana-offchain', preambles: ['ledger-v0'] });
  });

  const smallOrder = Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex');
  const weak = new WalletAuthority('weak');
  Object.defineProperty(weak, 'publicKey', { value: smallOrder });
  const bad: [string, AuthorityText, string][] = [
    ['without a key', { id: 'a' }, 'give exactly one of ssh and solana'],
    ['with two keys', { id: 'a', ssh: plain, solana: key.address }, 'give exactly one of ssh and solana'],
    ['with an empty id', { id: '', ssh: plain }, 'an id has 1 to 64'],
    ['with control characters in its id', { id: 'a\n', ssh: plain }, 'authority "a\\n": an id has'],
    ['with require on a plain key', { id: 'a', ssh: plain, require: ['touch'] }, 'cannot prove touch'],
    [
      'with an unknown requirement',
      { id: 'a', ssh: fido, require: ['pim'] },
      'require knows touch, pin, not "pim"',
    ],
    ['with a requirement twice', { id: 'a', ssh: fido, require: ['pin', 'pin'] }, 'require says pin twice'],
    ['with a preamble on SSH', { id: 'a', ssh: plain, preamble: ['kit-v1'] }, 'preamble goes with solana'],
    [
      'with a wallet without preamble',
      { id: 'a', solana: key.address },
      'name the preambles it may sign with',
    ],
    ['with an unknown preamble', { id: 'a', solana: key.address, preamble: ['v0'] }, 'not "v0"'],
    ['with require on a wallet', { id: 'a', solana: key.address, require: [] }, 'require goes with a FIDO'],
    [
      'with a short address',
      { id: 'a', solana: '1111', preamble: ['kit-v1'] },
      'not the base58 of a 32-byte',
    ],
    ['with an RSA key', { id: 'a', ssh: 'ssh-rsa AAAAB3NzaC1yc2E=' }, 'the key type must be one of'],
    ['with a type that its blob denies', { id: 'a', ssh: plain.replace('ssh-', 'sk-ssh-') }, 'the line says'],
    ['with bytes after the key', { id: 'a', ssh: trailing() }, '1 bytes follow the public key'],
    ['with loose base64', { id: 'a', ssh: plain.replace(/=*$/, '!') }, 'not canonical base64'],
    ['with two lines', { id: 'a', ssh: `${plain}\n${plain}` }, 'not an OpenSSH public key line'],
    [
      'with escape codes in the comment',
      { id: 'a', ssh: `${plain} \u001b[2J` },
      'not an OpenSSH public key line',
    ],
    ['with a small-order key', { id: 'a', ssh: publicKeyLine(weak) }, 'not a sound Ed25519 key'],
  ];
  it.each(bad)('%s is refused', (_name, input, sentence) => {
    const error = thrown(() => parseAuthority(input));
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.message).toContain(sentence);
  });
});

function trailing(): string {
  return `ssh-ed25519 ${Buffer.concat([publicKeyBlob(key), Buffer.from('x')]).toString('base64')}`;
}
