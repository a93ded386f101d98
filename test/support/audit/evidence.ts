import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Policy } from '../../../src/policy/policy.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { checkpointOf } from './checkpoint.js';
import {
  attestation,
  authorization,
  genesis,
  policy,
  policyText,
  sha256,
  signatureOver,
  start,
} from './history.js';
import { LedgerWriter } from './ledger-writer.js';
import { writeTiles } from './tiles.js';
import { TestWitness } from './witness.js';

export const WITNESSES = [new TestWitness('w1'), new TestWitness('w2'), new TestWitness('w3')] as const;
export const TWO_OF_THREE = `${WITNESSES.map(({ policyLine }) => policyLine).join('\n')}
group all3 2 w1 w2 w3
quorum all3
`;
const COSIGNED_AT = Date.parse('2026-03-01T10:05:00.000Z') / 1000;

/** The second policy: the first with witnesses. */
export function witnessedPolicy(): { readonly text: string; readonly policy: Policy } {
  const anchor = `anchors:\n  - { kind: witness, witnesses: ${JSON.stringify(TWO_OF_THREE)} }\nworkloads:`;
  const text = policyText(2).replace(/^workloads:/m, anchor);
  return { text, policy: parsePolicy(Buffer.from(text)) };
}

/** Where the second segment of `writeEvidence` begins. */
export const SECOND = 280;

/**
 * A ledger of two segments with everything that stands beside them: blobs (a repair's among them), tiles, the own
 * checkpoint, and the one that witnesses cosigned.
 */
export function evidence(): LedgerWriter {
  const ledger = new LedgerWriter();
  ledger.add(genesis());
  ledger.add(policy());
  const { text } = witnessedPolicy();
  ledger.add(policy(2, sha256(policyText()), text));
  ledger.add(start());
  while (ledger.lines.length < SECOND - 2) ledger.add({ type: 'tick' });
  const warrant = attestation(ledger.time);
  ledger.add(warrant);
  const body = authorization(warrant.id, 0, 1000n, { policy: sha256(text) });
  const open = ledger.add(body);
  ledger.add(signatureOver(open, body));
  const inside = authorization(warrant.id, 1, 1000n, { policy: sha256(text) });
  ledger.add(signatureOver(ledger.add(inside), inside));
  ledger.add({ type: 'repair', bytes: TORN.length, sha256: sha256(TORN) });
  while (ledger.lines.length < 530) ledger.add({ type: 'tick' });
  return ledger;
}

const TORN = 'torn bytes';

export function writeEvidence(ledger: LedgerWriter, directory: string): void {
  const { text } = witnessedPolicy();
  ledger.write(directory, SECOND, [policyText(), text, TORN]);
  writeTiles(directory, ledger.lines);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'checkpoint'), checkpointOf(ledger.lines));
  writeFileSync(join(directory, 'cosigned'), cosigned(ledger, ['w1', 'w3']));
}

export function cosigned(ledger: LedgerWriter, by: readonly string[], size = 520): string {
  return WITNESSES.filter(({ name }) => by.includes(name)).reduce(
    (note, witness, index) => witness.cosign(note, COSIGNED_AT + index),
    checkpointOf(ledger.lines.slice(0, size)),
  );
}
