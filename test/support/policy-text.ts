import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { stringify } from 'yaml';
import { encodeBase58 } from '../../src/core/base58.js';
import { parseAddress, type Pubkey } from '../../src/core/pubkey.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import type { KeyPolicy, Policy } from '../../src/policy/policy.js';

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A real Ed25519 key from a name: the same in every run. */
export function namedKey(name: string): { readonly address: string; readonly private: KeyObject } {
  const seed = createHash('sha256').update(name).digest();
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { address: encodeBase58(spki.subarray(-32)), private: key };
}

export function addressOf(name: string): string {
  return namedKey(name).address;
}

export function pubkeyOf(name: string): Pubkey {
  return parseAddress(addressOf(name))!;
}

export const AGENT = 'spiffe://dev.chancery.local/agent';
export const OTHER_AGENT = 'spiffe://dev.chancery.local/other';
export const USDC_MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';

/** An ssh-ed25519 line for a named key, as in a `.pub` file. */
export function sshLine(name: string): string {
  const raw = parseAddress(addressOf(name))!;
  const type = Buffer.from('ssh-ed25519');
  const length = (bytes: Buffer): Buffer => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(bytes.length);
    return Buffer.concat([prefix, bytes]);
  };
  const blob = Buffer.concat([length(type), length(Buffer.from(raw, 'hex'))]);
  return `ssh-ed25519 ${blob.toString('base64')} ${name}`;
}

/** Any YAML value; `undefined` leaves a key out. */
export type Yaml = string | number | readonly Yaml[] | { readonly [key: string]: Yaml | undefined };

/** A wallet key with the rules of INTERFACE's example, scaled down. */
export function walletText(changes: { readonly [key: string]: Yaml | undefined } = {}): Yaml {
  return {
    id: 'trading-1',
    token: 'main',
    object: { label: 'trading-1' },
    publicKey: addressOf('trading-1'),
    role: 'wallet',
    workloads: [AGENT],
    limits: [
      { asset: 'SOL', perTransaction: '0.5 SOL', window: '1h', max: '2 SOL' },
      { asset: 'USDC', window: '24h', max: '10000 USDC' },
    ],
    fee: { perTransaction: '0.001 SOL' },
    programs: ['system', 'token', 'associated-token', 'compute-budget', 'memo'],
    destinations: [addressOf('bob')],
    ...changes,
  };
}

export function ledgerKeyText(): Yaml {
  return {
    id: 'ledger',
    token: 'main',
    object: { label: 'ledger' },
    publicKey: addressOf('ledger'),
    role: 'ledger',
  };
}

export function policyObject(changes: { readonly [key: string]: Yaml | undefined } = {}): {
  readonly [key: string]: Yaml | undefined;
} {
  return {
    version: 1,
    signer: 'chancery.local/demo/5f0c9a3b1d2e4f60',
    serial: 1,
    sovereign: {
      epoch: 1,
      threshold: { attestation: 1, approval: 1, policy: 1, unfreeze: 1, key: 1, watermark: 1 },
      authorities: [{ id: 'alice', ssh: sshLine('alice') }],
    },
    tokens: { main: { manufacturer: 'SoftHSM project', model: 'SoftHSM v2', serial: '0a1b', label: 'demo' } },
    assets: { USDC: { mint: USDC_MINT, program: 'token', decimals: 6 } },
    workloads: [
      { id: AGENT, selectors: ['unix:uid:1001', 'unix:path:/opt/trader/bin/trader'] },
      { id: OTHER_AGENT, selectors: ['unix:uid:1002'] },
    ],
    keys: [walletText(), ledgerKeyText()],
    ...changes,
  };
}

/** The bytes of a policy file; every scalar quoted or not as the library sees fit. */
export function policyBytes(changes: { readonly [key: string]: Yaml | undefined } = {}): Buffer {
  return Buffer.from(stringify(policyObject(changes), { aliasDuplicateObjects: false }));
}

/** A policy whose wallet key has these changes. */
export function policyWith(changes: { readonly [key: string]: Yaml | undefined } = {}): {
  readonly policy: Policy;
  readonly key: KeyPolicy;
} {
  const policy = parsePolicy(policyBytes({ keys: [walletText(changes), ledgerKeyText()] }));
  return { policy, key: policy.keys.get('trading-1')! };
}
