import { createHash } from 'node:crypto';
import type { WalletAuthority } from '../wallet-authority.js';
import { LEDGER_KEY, ORIGIN } from './history.js';

/** RFC 6962 root, by the recursion of its section 2.1: slow and plain. `leaves` are leaf hashes. */
/** The head of a ledger with these lines. */
export function headOf(lines: readonly string[]): { readonly size: number; readonly root: string } {
  const leaves = lines.map((line) => Buffer.from(line.slice(0, 64), 'hex'));
  return { size: lines.length, root: merkleRoot(leaves).toString('base64') };
}

export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return createHash('sha256').digest();
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const hash = createHash('sha256').update(Uint8Array.of(1));
  return hash
    .update(merkleRoot(leaves.slice(0, split)))
    .update(merkleRoot(leaves.slice(split)))
    .digest();
}

export function keyId(name: string, publicKey: Uint8Array): Buffer {
  const hash = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(1)).update(publicKey);
  return hash.digest().subarray(0, 4);
}

/** A signed checkpoint of the ledger whose first lines these are. */
export function checkpointOf(
  lines: readonly string[],
  origin: string = ORIGIN,
  by: WalletAuthority = LEDGER_KEY,
): string {
  const root = merkleRoot(lines.map((line) => Buffer.from(line.slice(0, 64), 'hex')));
  const text = `${origin}\n${String(lines.length)}\n${root.toString('base64')}\n`;
  const blob = Buffer.concat([keyId(origin, by.publicKey), by.raw(Buffer.from(text))]);
  return `${text}\n\u2014 ${origin} ${blob.toString('base64')}\n`;
}
