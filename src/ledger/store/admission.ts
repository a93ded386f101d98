import type { EntryBody } from '../entries.js';

const RESERVE_BYTES = 1 << 20;

/** More than hash, head and line end take. */
const FRAME_BYTES = 512;

/** What is kept of the last segment when the disk gives no further one. */
export function reserveBytes(segmentBytes: number): number {
  return Math.min(RESERVE_BYTES, segmentBytes / 4);
}

/**
 * Whether entries may still be written while the disk gives no further segment. `room` is what is left of the
 * present one. The reserve is kept for outcomes of what was authorized, for narrowing, and for votes (a
 * validator that stops voting loses money; one that votes against its tower is not stopped by a full disk).
 */
export function admits(entries: readonly EntryBody[], room: number, segmentBytes: number): boolean {
  const reserve = reserveBytes(segmentBytes);
  let needed = 0;
  let left = 0;
  for (const body of entries) {
    needed += Buffer.byteLength(JSON.stringify(body)) + FRAME_BYTES;
    left = Math.max(left, keeps(body, reserve));
  }
  return room >= needed + left;
}

/** Bytes that an entry of this kind must leave for those that matter more. */
function keeps(body: EntryBody, reserve: number): number {
  switch (body.type) {
    case 'signature':
    case 'failure':
    case 'recovered':
    case 'freeze':
    case 'revocation':
    case 'repair':
    case 'stop':
      return 0;
    case 'key':
      return body.action === 'latch' || body.action === 'retire' ? 0 : reserve;
    case 'authorization':
      return body.purpose === 'vote' ? reserve / 2 : reserve;
    case 'start':
    case 'alert':
      return reserve / 2;
    case 'genesis':
    case 'policy':
    case 'statement':
    case 'denial':
    case 'unfreeze':
    case 'snapshot':
    case 'tick':
      return reserve;
  }
}
