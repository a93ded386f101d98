import { join } from 'node:path';
import { readFileUpTo } from '../core/read-file.js';
import { sha256Hex } from '../core/sha256.js';
import { problem, type Problem } from './read/damage.js';

/** The bytes stored under a digest in `blobs/`, or what is wrong with them. */
export function readBlob(directory: string, sha256: string): Buffer | Problem {
  let bytes: Buffer;
  try {
    bytes = readFileUpTo(join(directory, 'blobs', sha256), 'a blob');
  } catch {
    return problem('blob', `blobs/${sha256} cannot be read`);
  }
  const digest = sha256Hex(bytes);
  return digest === sha256 ? bytes : problem('blob', `blobs/${sha256} hashes to ${digest}`);
}
