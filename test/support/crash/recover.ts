import { join } from 'node:path';
import { ChanceryError } from '../../../src/core/errors.js';
import { authorization } from '../ledger-bodies.js';
import { crash, type CrashImage, type MemoryDisk } from '../ledger-disk.js';
import { DIRECTORY, type History } from './history.js';

/**
 * Cuts the power where `image` says, starts, appends, and starts again. Rejects when an entry that was acknowledged
 * before the cut, or after it, is not there, or an authorization is left without outcome.
 */
export async function recover(history: History, image: CrashImage): Promise<void> {
  const files = crash(history.steps, image);
  const due = history.acknowledged.filter(({ after }) => after <= image.done);
  const ledger = await history.open(files).catch((error: unknown) => {
    // Before the genesis is durable there is no ledger, and nothing was acknowledged.
    if (due.length === 0 && error instanceof ChanceryError && error.code === 'LEDGER_MISSING') return null;
    throw error;
  });
  if (ledger === null) return;
  const hashes = await hashesOf(files);
  for (const { sequence, hash } of due) {
    if (hashes[sequence] !== hash) throw new Error(`entry ${String(sequence)} was acknowledged and is lost`);
  }
  if (ledger.state.open().length > 0) throw new Error('authorizations are without outcome');
  const { written } = await ledger.transact(() => ({ entries: [authorization()], result: null }));
  await ledger.close();
  const again = await history.open(files);
  const [entry] = written;
  if (entry === undefined || (await hashesOf(files))[entry.sequence] !== entry.hash) {
    throw new Error('what was appended after the start is lost');
  }
  await again.close();
}

async function hashesOf(files: MemoryDisk): Promise<string[]> {
  const segments = ((await files.list(DIRECTORY)) ?? []).filter((name) => name.endsWith('.ledger'));
  return segments.flatMap((name) =>
    files
      .bytesOf(join(DIRECTORY, name))
      .toString('latin1')
      .replace(/\0+$/, '')
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice(0, 64)),
  );
}

/** `none`, or the code with which a ledger on this disk does not open. */
export async function openCode(history: History, files: MemoryDisk): Promise<string> {
  try {
    await (await history.open(files)).close();
    return 'none';
  } catch (error) {
    return error instanceof ChanceryError ? error.code : String(error);
  }
}

export function segmentsOf(files: MemoryDisk): string[] {
  return [...files.names.keys()].filter((name) => name.endsWith('.ledger')).sort();
}
