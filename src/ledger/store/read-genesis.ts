import { join } from 'node:path';
import { systemCode, type Files } from '../../core/files.js';
import { readLine } from '../chain.js';
import type { GenesisBody } from '../entries.js';
import { MAX_LINE_BYTES } from '../entry-text.js';
import { segmentName } from './paths.js';

const NEWLINE = 0x0a;

/** The first entry of a ledger, read alone; null when it is absent or no genesis. Its statement is not verified. */
export async function readGenesis(files: Files, directory: string): Promise<GenesisBody | null> {
  const line = readLine(await firstLine(files, join(directory, segmentName(0))));
  return 'kind' in line || line.sequence !== 0 || line.entry.type !== 'genesis' ? null : line.entry;
}

/** Empty when there is no such file. */
async function firstLine(files: Files, path: string): Promise<Buffer> {
  try {
    const file = await files.open(path, 'read');
    try {
      const bytes = Buffer.alloc(MAX_LINE_BYTES);
      await file.read(bytes, 0);
      return bytes.subarray(0, bytes.indexOf(NEWLINE) + 1);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
