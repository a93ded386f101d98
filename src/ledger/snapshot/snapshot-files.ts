import { join } from 'node:path';
import { readIfThere, writeAll, type Files } from '../../core/files.js';
import { sha256Hex } from '../../core/sha256.js';
import { snapshotDirectory } from '../store/paths.js';
import { writeDurably } from '../store/write-durably.js';

const NAME = /^(\d{12})-([0-9a-f]{64})$/;

/** A snapshot by what its name says: how many entries it holds the state of, and the hash of its bytes. */
export interface SnapshotId {
  /** Entries; a segment begins there. */
  readonly size: number;
  /** 64 hex. */
  readonly sha256: string;
}

export function snapshotName({ size, sha256 }: SnapshotId): string {
  return `${String(size).padStart(12, '0')}-${sha256}`;
}

/** Newest first. */
export async function listSnapshots(files: Files, directory: string): Promise<readonly SnapshotId[]> {
  const names = (await files.list(snapshotDirectory(directory))) ?? [];
  return names
    .flatMap((name) => {
      const [, size, sha256] = NAME.exec(name) ?? [];
      return size === undefined || sha256 === undefined ? [] : [{ size: Number(size), sha256 }];
    })
    .reverse();
}

/** Null when there is none, or its bytes do not hash to its name. */
export async function readSnapshotFile(
  files: Files,
  directory: string,
  id: SnapshotId,
): Promise<Uint8Array | null> {
  return await readIfThere(files, join(snapshotDirectory(directory), snapshotName(id)), async (file) => {
    const bytes = Buffer.allocUnsafe(await file.size());
    const filled = bytes.subarray(0, await file.read(bytes, 0));
    return sha256Hex(filled) === id.sha256 ? filled : null;
  });
}

/** Durable when it resolves. */
export async function writeSnapshotFile(
  files: Files,
  directory: string,
  size: number,
  bytes: Uint8Array,
): Promise<SnapshotId> {
  const id = { size, sha256: sha256Hex(bytes) };
  const folder = snapshotDirectory(directory);
  await files.makeDirectory(folder);
  await writeDurably(files, folder, snapshotName(id), (file) => writeAll(file, bytes, 0));
  return id;
}

/** Removes all but the newest `keep`. */
export async function pruneSnapshots(files: Files, directory: string, keep: number): Promise<void> {
  for (const id of (await listSnapshots(files, directory)).slice(keep)) {
    await files.remove(join(snapshotDirectory(directory), snapshotName(id)));
  }
}
