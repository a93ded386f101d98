import { verifyStrict } from '../../core/ed25519.js';
import type { Note, NoteKey, NoteLine } from './note.js';

const TIME_BYTES = 8;

/** What the lines of a checkpoint that its own log did not write are worth. */
export interface Cosignatures<Key extends NoteKey> {
  /** Seconds since the epoch at which each known witness says it cosigned. */
  readonly held: ReadonlyMap<Key, number>;
  /** Lines of known witnesses that do not verify. */
  readonly bad: readonly NoteLine[];
  /** Lines of nobody known. */
  readonly unknown: number;
}

/**
 * Verifies every cosignature of the given witnesses (C2SP tlog-cosignature): over a domain, the witness's time and
 * the whole text. Names and ids only find the key: two keys of one id are both tried.
 */
export function readCosignatures<Key extends NoteKey>(
  { text, lines }: Note,
  origin: string,
  witnesses: readonly Key[],
): Cosignatures<Key> {
  const held = new Map<Key, number>();
  const bad: NoteLine[] = [];
  let unknown = 0;
  for (const line of lines) {
    const named = witnesses.filter(({ name, id }) => name === line.name && id.equals(line.id));
    if (named.length === 0) {
      if (line.name !== origin) unknown += 1;
      continue;
    }
    const time = timeOf(line.signature);
    const holding = named.filter((witness) => time !== null && holds(text, line.signature, time, witness));
    if (holding.length === 0) bad.push(line);
    for (const witness of holding) held.set(witness, Math.max(held.get(witness) ?? 0, Number(time)));
  }
  return { held, bad, unknown };
}

function timeOf(blob: Buffer): bigint | null {
  if (blob.length <= TIME_BYTES) return null;
  const time = blob.readBigUInt64BE(0);
  // Later than any date there is: no clock says so.
  return time <= 8_640_000_000_000n ? time : null;
}

function holds(text: string, blob: Buffer, time: bigint, { key }: NoteKey): boolean {
  const message = Buffer.from(`cosignature/v1\ntime ${time.toString()}\n${text}`);
  return verifyStrict(key, message, blob.subarray(TIME_BYTES));
}
