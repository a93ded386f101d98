import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { merkleRoot } from './checkpoint.js';

/** Writes the tiles of a ledger with these lines (C2SP tlog-tiles, two levels), from the specification alone. */
export function writeTiles(directory: string, lines: readonly string[]): void {
  const leaves = lines.map((line) => Buffer.from(line.slice(0, 64), 'hex'));
  const roots: Buffer[] = [];
  for (let first = 0; first + 256 <= leaves.length; first += 256) {
    roots.push(merkleRoot(leaves.slice(first, first + 256)));
  }
  writeLevel(directory, 0, leaves);
  writeLevel(directory, 1, roots);
}

function writeLevel(directory: string, level: number, hashes: readonly Buffer[]): void {
  for (let first = 0; first < hashes.length; first += 256) {
    const bytes = Buffer.concat(hashes.slice(first, first + 256));
    const width = bytes.length / 32;
    const name = `${String(first / 256).padStart(3, '0')}${width === 256 ? '' : `.p/${String(width)}`}`;
    const path = join(directory, 'tile', String(level), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}
