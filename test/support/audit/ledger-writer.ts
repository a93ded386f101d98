import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type JsonValue } from '../../../src/core/canonical-json.js';
import type { EntryBody } from '../../../src/ledger/entries.js';
import { policyText, sha256, START } from './history.js';

/**
 * Writes ledger files from the format's description alone, so that the verifier is tested against the format and
 * not against the code that usually writes it. Every line is kept, so that tests can damage it.
 */
export class LedgerWriter {
  readonly lines: string[] = [];
  #head = '0'.repeat(64);
  time = START;

  get head(): string {
    return this.#head;
  }

  /** Returns the sequence. */
  add(
    body: EntryBody,
    over: {
      readonly time?: string;
      readonly previous?: string;
      readonly sequence?: string;
      readonly batch?: string;
    } = {},
  ): number {
    const sequence = this.lines.length;
    this.time += 10;
    const entry = {
      sequence: String(sequence),
      previous: this.#head,
      time: new Date(this.time).toISOString(),
      ...body,
      ...over,
    };
    const { line, hash } = lineOf(JSON.parse(JSON.stringify(entry)) as JsonValue);
    this.#head = hash;
    this.lines.push(line);
    return sequence;
  }

  /** Puts the lines into segments of at most `perSegment`; blobs holds the policies. */
  write(
    directory: string,
    perSegment = Number.POSITIVE_INFINITY,
    policies: readonly string[] = [policyText()],
  ): void {
    mkdirSync(join(directory, 'blobs'), { recursive: true });
    for (const text of policies) writeFileSync(join(directory, 'blobs', sha256(text)), text);
    const size = Math.min(perSegment, Math.max(this.lines.length, 1));
    for (let first = 0; first < this.lines.length; first += size) {
      const name = `${String(first).padStart(12, '0')}.ledger`;
      writeFileSync(join(directory, name), this.lines.slice(first, first + size).join(''));
    }
  }
}

export function lineOf(entry: JsonValue): { readonly line: string; readonly hash: string } {
  const json = canonicalJson(entry);
  const hash = createHash('sha256').update('\0').update(json).digest('hex');
  return { line: `${hash} ${json}\n`, hash };
}
