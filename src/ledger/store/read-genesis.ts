import { join } from 'node:path';
import { readIfThere, type Files, type OpenFile } from '../../core/files.js';
import { readLine } from '../chain.js';
import type { GenesisBody } from '../entries.js';
import { MAX_LINE_BYTES, NEWLINE } from '../entry-text.js';
import { segmentName } from './paths.js';

/** The first entry of a ledger, read alone; null when it is absent or no genesis. Its statement is not verified. */
export async function readGenesis(files: Files, directory: string): Promise<GenesisBody | null> {
  const bytes = await readIfThere(files, join(directory, segmentName(0)), firstLine);
  const line = readLine(bytes ?? Buffer.alloc(0));
  return 'kind' in line || line.sequence !== 0 || line.entry.type !== 'genesis' ? null : line.entry;
}

async function firstLine(file: OpenFile): Promise<Buffer> {
  const bytes = Buffer.alloc(MAX_LINE_BYTES);
  await file.read(bytes, 0);
  return bytes.subarray(0, bytes.indexOf(NEWLINE) + 1);
}
