import { libc } from './libc.js';

const CLOCK_BOOTTIME = 7;
const clockGettime: (clock: number, timespec: Buffer) => number = libc.func(
  'int clock_gettime(int clock, _Out_ uint8_t *timespec)',
);
/** `struct timespec` of a 64-bit Linux: seconds and nanoseconds, 8 bytes each. Reused: the call is synchronous. */
const timespec = Buffer.alloc(16);

/**
 * Whole milliseconds since the machine started, suspend included (CLOCK_BOOTTIME). Nobody can set it, so a wall
 * clock that outruns it was moved. CLOCK_MONOTONIC, which Node offers, stops in suspend.
 */
export function bootTime(): number {
  if (clockGettime(CLOCK_BOOTTIME, timespec) !== 0) throw new Error('clock_gettime(CLOCK_BOOTTIME) failed');
  return timespec.readUIntLE(0, 6) * 1000 + Math.floor(timespec.readUInt32LE(8) / 1_000_000);
}
