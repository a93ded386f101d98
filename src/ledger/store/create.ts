import { join } from 'node:path';
import { formatTime, type Clock } from '../../core/clock.js';
import { ChanceryError } from '../../core/errors.js';
import { writeAll, type Files } from '../../core/files.js';
import type { Entry, EntryBody } from '../entries.js';
import { encodeEntry, entryFits, entryHash, lineBytes } from '../entry-text.js';
import { bodyFault } from '../fold/body-fault.js';
import { Fold } from '../fold/fold.js';
import { asUnavailable, takeLock } from './open.js';
import { listSegments } from './list-segments.js';
import { segmentName } from './paths.js';
import { writeDurably } from './write-durably.js';

export interface CreateLedgerOptions {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  /** The genesis entry and what belongs to it (the first policy, whose bytes are in blobs/ already). */
  readonly genesis: readonly EntryBody[];
}

/**
 * Starts a ledger: all of `genesis` is durable when it resolves, or there is no ledger. Throws LEDGER_EXISTS,
 * LEDGER_LOCKED, LEDGER_UNAVAILABLE, and INTERNAL when the first entry is no genesis or one does not fit.
 */
export async function createLedger(options: CreateLedgerOptions): Promise<void> {
  const { directory, files } = options;
  const lines = genesisLines(options);
  try {
    await files.makeDirectory(directory);
    const lock = await takeLock(files, directory);
    try {
      await refuseExisting(files, directory);
      await writeDurably(files, directory, segmentName(0), (file) => writeAll(file, lines, 0));
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw asUnavailable(error);
  }
}

function genesisLines({ genesis, clock }: CreateLedgerOptions): Buffer {
  const fold = new Fold();
  const time = clock.wall();
  const lines: string[] = [];
  for (const [sequence, body] of genesis.entries()) {
    const fault =
      (body.type === 'genesis') !== (sequence === 0)
        ? 'genesis must be the first entry, and only that'
        : bodyFault(fold, body);
    if (fault !== null || !entryFits(body)) {
      throw new ChanceryError(
        'INTERNAL',
        `a ${body.type} entry is not acceptable: ${fault ?? 'it is too long'}`,
      );
    }
    const entry: Entry = {
      ...body,
      sequence: String(sequence),
      previous: fold.head,
      time: formatTime(time),
      ...(sequence === 0 ? {} : { batch: '0' }),
    };
    const text = encodeEntry(entry);
    const hash = entryHash(text);
    fold.apply({ entry, hash, sequence, time, batch: 0, bytes: lineBytes(Buffer.byteLength(text)) });
    lines.push(`${hash} ${text}\n`);
  }
  if (lines.length === 0) throw new ChanceryError('INTERNAL', 'a ledger needs a genesis entry');
  return Buffer.from(lines.join(''));
}

/** Throws LEDGER_EXISTS when a ledger is there, LEDGER_UNAVAILABLE. */
export async function refuseExisting(files: Files, directory: string): Promise<void> {
  const [segment] = await listSegments(files, directory).catch((error: unknown) => {
    throw asUnavailable(error);
  });
  if (segment === undefined) return;
  throw new ChanceryError('LEDGER_EXISTS', `${join(directory, segment.name)} is there already`, {
    hint: 'a ledger is never started over: use another directory',
  });
}
