import { sign as signEd25519 } from 'node:crypto';
import { parseAddress, pubkeyBytes } from '../../src/core/pubkey.js';
import { Checkpointer, type CheckpointerParts } from '../../src/ledger/checkpoint/checkpointer.js';
import type { EntryBody } from '../../src/ledger/entries.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { ledgerNoteKey } from '../../src/ledger/note/checkpoint.js';
import type { NoteKey } from '../../src/ledger/note/key.js';
import { createLedger } from '../../src/ledger/store/create.js';
import { openLedger } from '../../src/ledger/store/open.js';
import { genesis, ORIGIN, policy } from './ledger-bodies.js';
import { StillClock } from './ledger-clock.js';
import { MemoryDisk } from './ledger-disk.js';
import { namedKey } from './policy-text.js';

export const DIRECTORY = '/ledger';
const LEDGER_KEY = namedKey('ledger');

export function ledgerKey(): NoteKey {
  const key = ledgerNoteKey(ORIGIN, pubkeyBytes(parseAddress(LEDGER_KEY.address)!));
  if (key === null) throw new Error('the key of the tests is no key');
  return key;
}

export function signAsLedger(message: Uint8Array): Uint8Array {
  return signEd25519(null, message, LEDGER_KEY.private);
}

/** A ledger on a disk in memory, with a ledger key that can sign. */
export async function newDisk(clock = new StillClock()): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await createLedger({
    directory: DIRECTORY,
    files: disk,
    clock,
    genesis: [{ ...genesis(), publicKey: LEDGER_KEY.address }, policy()],
  });
  return disk;
}

export function openOn(disk: MemoryDisk, clock = new StillClock()): Promise<Ledger> {
  return openLedger({ directory: DIRECTORY, files: disk, clock, segmentBytes: 64 * 1024 });
}

/** Appends so many ticks, one write each. */
export async function grow(ledger: Ledger, count: number, body: EntryBody = { type: 'tick' }): Promise<void> {
  for (let done = 0; done < count; done++) {
    await ledger.transact(() => ({ entries: [body], result: undefined }));
  }
}

export function checkpointerOn(
  ledger: Ledger,
  disk: MemoryDisk,
  changes: Partial<CheckpointerParts> = {},
): Promise<Checkpointer> {
  return Checkpointer.resume({
    ledger,
    files: disk,
    directory: DIRECTORY,
    clock: new StillClock(),
    key: ledgerKey(),
    sign: (message) => Promise.resolve(signAsLedger(message)),
    refuses: () => null,
    faulty: () => Promise.resolve(),
    published: () => undefined,
    ...changes,
  });
}
