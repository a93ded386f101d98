import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { readIfThere, writeAll, type Files, type OpenFile } from '../../core/files.js';
import { sha256Hex } from '../../core/sha256.js';
import { blobDirectory } from './paths.js';
import { writeDurably } from './write-durably.js';

const NAME = /^[0-9a-f]{64}$/;

/**
 * Stores bytes under their SHA-256 in `<ledger>/blobs/`, before or after the ledger itself exists. Durable when
 * it resolves to that hash (64 hex), so that an entry may name it. Storing the same bytes again changes nothing.
 */
export async function putBlob(files: Files, directory: string, bytes: Uint8Array): Promise<string> {
  const name = sha256Hex(bytes);
  const blobs = blobDirectory(directory);
  await files.makeDirectory(blobs);
  const fill = (file: OpenFile): Promise<void> => writeAll(file, bytes, 0);
  await writeDurably(files, blobs, name, fill, `${name}.${randomUUID()}.tmp`);
  return name;
}

/** Null when absent. Throws LEDGER_DAMAGED when the bytes do not hash to their name. */
export async function getBlob(files: Files, directory: string, sha256: string): Promise<Buffer | null> {
  if (!NAME.test(sha256)) return null;
  const bytes = await readIfThere(files, join(blobDirectory(directory), sha256), async (file) => {
    const all = Buffer.alloc(await file.size());
    await file.read(all, 0);
    return all;
  });
  if (bytes === null || sha256Hex(bytes) === sha256) return bytes;
  throw new ChanceryError('LEDGER_DAMAGED', `the bytes of blob ${sha256} do not hash to its name`, {
    hint: 'restore the file from a backup: its name says what it must contain',
  });
}
