import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ChanceryError } from '../../core/errors.js';
import { systemCode } from '../../core/files.js';
import { ChainCheck, GENESIS_PREVIOUS, MAX_ENTRY_BYTES, type ChainedEntry } from './chain-check.js';
import { problem, type Damage, type Problem } from './damage.js';
import { readLines, type Line } from './lines.js';
import type { Segment } from './segments.js';
import { movedOn } from './moved-on.js';
import { endsInWrongByte, isTornWrite } from './torn-write.js';

/** An entry, found sound by itself and in its place, and where it stands. */
export interface Step extends ChainedEntry {
  readonly file: string;
  /** Byte offset of its line. */
  readonly offset: number;
  /** Bytes of its line, line feed included. */
  readonly length: number;
}

export type Walked =
  | { readonly steps: readonly Step[]; readonly damage?: never }
  /** Always the last: what follows cannot be trusted to mean anything. */
  | { readonly damage: Damage; readonly steps?: never };

const MAX_LINE = 64 + 1 + MAX_ENTRY_BYTES;

/**
 * Walks the entries in order, batch by batch, checking each line and its place in the chain. Ends with the first
 * damage. `from` begins at the segment that holds that sequence instead of at genesis; the chain is then checked
 * from there. Throws FILE_UNREADABLE.
 */
export async function* walk(segments: readonly Segment[], from = 0): AsyncGenerator<Walked, void, void> {
  const first = startingSegment(segments, from);
  const start = segments[first];
  if (start === undefined) return;
  if (from === 0 && start.first !== 0) {
    yield {
      damage: {
        kind: 'segment',
        sequence: 0,
        file: start.name,
        offset: 0,
        message: 'the segments before this one are absent',
      },
    };
    return;
  }
  const chain = new ChainCheck({
    sequence: start.first,
    previous: start.first === 0 ? GENESIS_PREVIOUS : null,
  });
  for (const [index, segment] of segments.entries()) {
    if (index < first) continue;
    const last = index === segments.length - 1;
    if (segment.first !== chain.expected) {
      const message = `the segment begins with ${String(segment.first)}, ${String(chain.expected)} is due`;
      yield { damage: { kind: 'segment', sequence: chain.expected, file: segment.name, offset: 0, message } };
      return;
    }
    for await (const walked of walkSegment(segment, chain, last)) {
      yield walked;
      if (walked.damage !== undefined) return;
    }
  }
}

function startingSegment(segments: readonly Segment[], from: number): number {
  let index = 0;
  while (index + 1 < segments.length && (segments[index + 1]?.first ?? Infinity) <= from) index += 1;
  return index;
}

async function* walkSegment(
  segment: Segment,
  chain: ChainCheck,
  last: boolean,
): AsyncGenerator<Walked, void, void> {
  const file = await openSegment(segment);
  try {
    for (let start: number | null = 0; start !== null;)
      start = yield* walkFrom(file, start, segment, chain, last);
  } catch (cause) {
    // What a descriptor refuses is said without the name of its file.
    throw systemCode(cause) === null ? cause : unreadable(segment, cause);
  } finally {
    await file.close();
  }
}

/** Walks on from the line at `start`. Returns where to walk on once more, null at the end. */
async function* walkFrom(
  file: FileHandle,
  start: number,
  segment: Segment,
  chain: ChainCheck,
  last: boolean,
): AsyncGenerator<Walked, number | null, void> {
  for await (const lines of readLines(file, MAX_LINE, start)) {
    const steps: Step[] = [];
    for (const line of lines) {
      const accepted = line.end === 'line-feed' ? chain.accept(line.bytes) : unended(line, last);
      if ('message' in accepted) {
        if (steps.length > 0) yield { steps };
        if (last && (await movedOn(file, line))) return line.offset;
        const place = { sequence: chain.expected, file: segment.name, offset: line.offset };
        const torn = last && (await isTornWrite(file, line.offset, chain.expected));
        yield { damage: { ...(torn ? TORN_WRITE : accepted), ...place } };
        return null;
      }
      // Named one by one: to spread an object costs as much as to hash the entry.
      const { entry, sequence, time, hash } = accepted;
      const { offset } = line;
      steps.push({ entry, sequence, time, hash, file: segment.name, offset, length: line.bytes.length + 1 });
    }
    if (steps.length > 0) yield { steps };
  }
  return null;
}

async function openSegment(segment: Segment): ReturnType<typeof open> {
  try {
    // Somebody else's ledger may hold a pipe, which a plain open waits for.
    return await open(segment.path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(segment, cause);
  }
}

function unreadable(segment: Segment, cause: unknown): ChanceryError {
  return new ChanceryError('FILE_UNREADABLE', `cannot read ${segment.path}`, { cause });
}

const TORN_WRITE = problem('torn-tail', 'the last write reached the disk in part');

/** Bytes after the last line feed. */
function unended(line: Line, last: boolean): Problem {
  const length = String(line.bytes.length);
  if (line.end === 'stray')
    return problem('line', `${length} bytes that are no line, with others behind them`);
  if (!last) return problem('segment', `the segment ends with ${length} bytes that are no whole entry`);
  if (endsInWrongByte(line.bytes))
    return problem('line', 'the byte that ends the last line is not a line feed');
  // Unless they are the sectors that a torn write lost, which the caller looks at.
  if (line.bytes.includes(0)) return problem('line', `the last ${length} bytes hold zero bytes`);
  return problem('torn-tail', `the last ${length} bytes are no whole entry`);
}
