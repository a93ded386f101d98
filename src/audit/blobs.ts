import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../core/sha256.js';
import { problem, type Problem } from './read/damage.js';

/** The bytes stored under a digest in `blobs/`, or what is wrong with them. */
export async function readBlob(directory: string, sha256: string): Promise<Buffer | Problem> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, 'blobs', sha256));
  } catch {
    return problem('blob', `blobs/${sha256} cannot be read`);
  }
  const digest = sha256Hex(bytes);
  return digest === sha256 ? bytes : problem('blob', `blobs/${sha256} hashes to ${digest}`);
}
