import { createHash } from 'node:crypto';
import type { Entry } from '../../../src/ledger/entries.js';
import { status } from '../site/admin.js';
import { entryIn, hashIn, ofType, rawLines } from '../site/ledger-lines.js';
import { tradingKey } from '../site/signing.js';
import type { Site } from '../site/site.js';

/** What clients hold. */
export interface Held {
  /** The wire transaction asked for, by signature (base58). */
  readonly signatures: Map<string, string>;
  /** What each reply named as the entry of its signature, by sequence. */
  readonly entries: Map<string, { readonly hash: string; readonly signature: string }>;
  /** Lamports that each of the transactions counts, once. */
  readonly each: bigint;
}

export interface LedgerCounts {
  readonly authorizations: number;
  readonly repeats: number;
  readonly recovered: number;
  readonly failures: number;
}

/** The bytes that are signed of a transaction with one signer. */
export function messageOf(wire: string): Buffer {
  return Buffer.from(wire, 'base64').subarray(65);
}

/**
 * Holds the ledger of a running daemon, which nobody asks now, against what its clients have, and its meter against
 * the authorizations. Throws at the first difference.
 */
export async function compareWithLedger(site: Site, held: Held): Promise<LedgerCounts> {
  const lines = await rawLines(site.ledger);
  const entries = lines.map(entryIn);
  demandChain(lines, entries);
  demandAcknowledged(lines, entries, held);
  const authorizations = ofType(entries, 'authorization');
  demandSignatures(entries, held);
  demandOneOutcomeEach(entries);
  demandRepeatsOfTheSame(entries);
  const spent = (await tradingKey(site)).limits.find(({ asset }) => asset === 'SOL')?.spent ?? 'nothing';
  const counted = authorizations
    .flatMap((entry) => entry.counted)
    .filter(({ unit }) => unit === 'SOL')
    .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  demand(spent === String(counted), `the meter holds ${spent}, the authorizations sum to ${String(counted)}`);
  const messages = BigInt(new Set(authorizations.map(({ message }) => message)).size);
  demand(
    counted === held.each * messages,
    `${String(messages)} transactions count ${String(counted)}, not ${String(held.each)} each`,
  );
  const { open } = await status(site);
  demand(open.length === 0, `the daemon takes ${open.join(' ')} for open`);
  const verified = await site.chancery('ledger', 'verify', '--config', site.config);
  demand(verified.code === 0, `ledger verify: ${verified.stdout}${verified.stderr}`);
  return {
    authorizations: authorizations.length,
    repeats: authorizations.filter(({ repeats }) => repeats !== undefined).length,
    recovered: ofType(entries, 'recovered').length,
    failures: ofType(entries, 'failure').length,
  };
}

/** No sequence twice or left out, each line hashed well and on top of the one before: by none of our own code. */
function demandChain(lines: readonly string[], entries: readonly Entry[]): void {
  let head: string | null = null;
  for (const [index, { sequence, previous }] of entries.entries()) {
    demand(sequence === String(index), `entry ${String(index)} has sequence ${sequence}`);
    demand(head === null || previous === head, `entry ${sequence} is not on top of the one before`);
    head = hashIn(lines[index] ?? '');
    const made = createHash('sha256')
      .update(`\0${(lines[index] ?? '').slice(65)}`)
      .digest('hex');
    demand(made === head, `entry ${sequence} does not hash to ${head}`);
  }
}

/** I3: what a reply called the entry of its signature is that entry still. */
function demandAcknowledged(lines: readonly string[], entries: readonly Entry[], held: Held): void {
  for (const [sequence, { hash, signature }] of held.entries) {
    const entry = entries[Number(sequence)];
    demand(
      hashIn(lines[Number(sequence)] ?? '') === hash,
      `a client was told of entry ${sequence}, which is another now`,
    );
    demand(
      entry?.type === 'signature' && entry.signature === signature,
      `entry ${sequence} has not the signature told`,
    );
  }
}

/** I3: whatever a client received is in the ledger, for the message it asked for. */
function demandSignatures(entries: readonly Entry[], held: Held): void {
  const messages = new Map(
    ofType(entries, 'authorization').map(({ sequence, message }) => [sequence, message]),
  );
  const enrolled = new Map(
    ofType(entries, 'signature').map(({ signature, authorization }) => [
      signature,
      messages.get(authorization),
    ]),
  );
  for (const [signature, wire] of held.signatures) {
    demand(
      enrolled.get(signature) === messageOf(wire).toString('base64'),
      `a client holds ${signature}, the ledger does not`,
    );
  }
}

function demandOneOutcomeEach(entries: readonly Entry[]): void {
  const outcomes = new Map<string, number>();
  for (const type of ['signature', 'failure', 'recovered'] as const) {
    for (const { authorization } of ofType(entries, type)) {
      outcomes.set(authorization, (outcomes.get(authorization) ?? 0) + 1);
    }
  }
  for (const { sequence } of ofType(entries, 'authorization')) {
    demand(
      outcomes.get(sequence) === 1,
      `authorization ${sequence} has ${String(outcomes.get(sequence) ?? 0)} outcomes`,
    );
    outcomes.delete(sequence);
  }
  demand(outcomes.size === 0, `outcomes of no authorization: ${[...outcomes.keys()].join(' ')}`);
}

function demandRepeatsOfTheSame(entries: readonly Entry[]): void {
  const messages = new Map<string, string>();
  for (const { sequence, message, repeats, counted } of ofType(entries, 'authorization')) {
    messages.set(sequence, message);
    if (repeats === undefined) continue;
    demand(
      messages.get(repeats) === message,
      `entry ${sequence} repeats ${repeats}, which has another message`,
    );
    demand(counted.length === 0, `the repeat ${sequence} counts`);
  }
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
