import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { systemCode, type Files, type OpenFile } from '../../core/files.js';
import { HASH_CHARACTERS, LINE_PREFIX_BYTES, MAX_LINE_BYTES, NEWLINE } from '../entry-text.js';
import { listSegments } from '../store/list-segments.js';
import { segmentName } from '../store/paths.js';

/** Small enough that one chunk is looked through without holding up anything else; longer than any line. */
const CHUNK_BYTES = 4 * MAX_LINE_BYTES;

interface Place {
  readonly segment: string;
  readonly offset: number;
  /** Of the entry whose line begins there. */
  readonly sequence: number;
}

/**
 * Reads the hashes that begin each line, in order, and remembers where it stopped: what was read once is not read
 * again. The entries must be durable and were checked when the ledger was opened; here they are not looked at.
 */
export class LeafHashes {
  readonly #files: Files;
  readonly #directory: string;
  #place: Place | null = null;

  constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** The leaf hashes of entries `from` up to but without `to`, a chunk at a time. Throws LEDGER_DAMAGED. */
  async *read(from: number, to: number): AsyncGenerator<readonly Buffer[], void, void> {
    let place = this.#place?.sequence === from ? this.#place : await this.#segmentOf(from);
    while (place.sequence < to) {
      const file = await this.#open(place);
      try {
        for await (const { leaves, after } of chunks(file, place, to)) {
          const skipped = Math.max(0, Math.min(leaves.length, from - place.sequence));
          place = after;
          if (leaves.length > skipped) yield leaves.slice(skipped);
        }
      } finally {
        await file.close();
      }
      if (place.sequence < to && place.segment === segmentName(place.sequence)) throw missing(place.sequence);
      if (place.sequence < to)
        place = { segment: segmentName(place.sequence), offset: 0, sequence: place.sequence };
    }
    this.#place = place;
  }

  async #segmentOf(sequence: number): Promise<Place> {
    const segments = await listSegments(this.#files, this.#directory);
    const first = segments.findLast((segment) => segment.first <= sequence)?.first ?? 0;
    return { segment: segmentName(first), offset: 0, sequence: first };
  }

  async #open({ segment, sequence }: Place): Promise<OpenFile> {
    try {
      return await this.#files.open(join(this.#directory, segment), 'read');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      throw missing(sequence, error);
    }
  }
}

function missing(sequence: number, cause?: unknown): ChanceryError {
  return new ChanceryError('LEDGER_DAMAGED', `no segment holds entry ${String(sequence)}`, { cause });
}

interface Chunk {
  readonly leaves: readonly Buffer[];
  readonly after: Place;
}

/** Lines from `place` on, until `to` or the end of the segment's lines. */
async function* chunks(file: OpenFile, start: Place, to: number): AsyncGenerator<Chunk, void, void> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let { offset, sequence } = start;
  while (sequence < to) {
    const filled = buffer.subarray(0, await file.read(buffer, offset));
    const leaves: Buffer[] = [];
    let at = 0;
    while (sequence + leaves.length < to) {
      const end = filled.indexOf(NEWLINE, at);
      // Zero bytes follow the last line: room for lines to come.
      if (end < 0 || filled[at] === 0 || end - at < LINE_PREFIX_BYTES) break;
      leaves.push(Buffer.from(filled.toString('latin1', at, at + HASH_CHARACTERS), 'hex'));
      at = end + 1;
    }
    if (leaves.length === 0) return;
    offset += at;
    sequence += leaves.length;
    yield { leaves, after: { segment: start.segment, offset, sequence } };
  }
}
