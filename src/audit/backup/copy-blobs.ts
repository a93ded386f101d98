import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { readBlob } from '../blobs.js';
import { replaceFile } from './durable-files.js';

const NAME = /^[0-9a-f]{64}$/;

/** Copies each blob whose copy is absent or not sound; returns the bytes written. Throws LEDGER_DAMAGED. */
export async function copyBlobs(directory: string, to: string): Promise<number> {
  const target = join(to, 'blobs');
  await mkdir(target, { recursive: true, mode: 0o700 });
  let written = 0;
  for (const name of await readdir(join(directory, 'blobs'))) {
    if (!NAME.test(name) || Buffer.isBuffer(readBlob(to, name))) continue;
    const blob = readBlob(directory, name);
    if (!Buffer.isBuffer(blob)) throw new ChanceryError('LEDGER_DAMAGED', blob.message);
    await replaceFile(target, name, blob);
    written += blob.length;
  }
  return written;
}
