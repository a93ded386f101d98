import { verify } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import bs58 from 'bs58';
import { rpc, type RpcAnswer } from './rpc.js';
import type { Site } from './site.js';

export interface SignedResult {
  readonly signature: string;
  readonly transaction: string;
  readonly entry: { readonly sequence: string; readonly hash: string };
  readonly limits: readonly Limit[];
  readonly request: string;
}

export interface Limit {
  readonly asset: string;
  readonly window: string;
  readonly max: string;
  readonly spent: string;
  readonly remaining: string;
}

export interface Explained {
  readonly decision: 'allow' | 'deny';
  readonly failures: readonly Record<string, string>[];
  readonly counted: readonly { readonly unit: string; readonly amount: string }[];
  readonly limits: readonly Limit[];
}

export interface ListedKey {
  readonly id: string;
  readonly publicKey: string;
  readonly attestation: { readonly id: string; readonly expiresAt: string } | null;
  readonly limits: readonly Limit[];
}

export function sign(site: Site, transaction: string): Promise<RpcAnswer<SignedResult>> {
  return rpc<SignedResult>(site.signerSocket, 'signTransaction', { key: 'trading-1', transaction });
}

export async function explain(site: Site, transaction: string): Promise<Explained> {
  const answer = await rpc<Explained>(site.signerSocket, 'explainTransaction', {
    key: 'trading-1',
    transaction,
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.result;
}

export async function tradingKey(site: Site): Promise<ListedKey> {
  const answer = await rpc<ListedKey[]>(site.signerSocket, 'listKeys');
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  const [key] = answer.result;
  if (key === undefined) throw new Error('no key is listed');
  return key;
}

/** What one unit counts for a transaction, in base units, by the daemon's own word. */
export async function countedSol(site: Site, transaction: string): Promise<bigint> {
  const { counted } = await explain(site, transaction);
  const sol = counted.find(({ unit }) => unit === 'SOL');
  if (sol === undefined) throw new Error('nothing counts as SOL');
  return BigInt(sol.amount);
}

/** Verifies with OpenSSL through Node, not with our own code. */
export function verifies(publicKey: string, message: Uint8Array, signature: string): boolean {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bs58.decode(publicKey)]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, message, key, bs58.decode(signature));
}
