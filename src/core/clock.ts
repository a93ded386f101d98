/**
 * Time as the daemon sees it, in whole milliseconds. `wall` is UTC since the epoch and may be set by anyone with
 * the right to; `boot` counts since the machine started, suspend included (CLOCK_BOOTTIME), and nobody can set it.
 */
export interface Clock {
  wall(): number;
  boot(): number;
}

/** The only `Date.now` of the source. */
export function wallClock(): number {
  return Date.now();
}

/** RFC 3339 in UTC with milliseconds, the only time format Chancery writes. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `formatTime` for whoever asks again and again within a millisecond. */
export function timeFormatter(): (ms: number) => string {
  let last = Number.NaN;
  let text = '';
  return (ms) => {
    if (ms !== last) text = formatTime(ms);
    last = ms;
    return text;
  };
}

const RFC3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** RFC 3339 in UTC (`Z`) to milliseconds; null for anything else, impossible dates included. */
export function parseTime(text: string): number | null {
  if (!RFC3339_UTC.test(text)) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return null;
  // Date.parse turns 30 February into March, and 24:00 into tomorrow: then the date part does not survive the round
  // trip. Days that every month has, and other hours, need none.
  if (text.slice(8, 10) <= '28' && text.slice(11, 13) < '24') return ms;
  return formatTime(ms).slice(0, 19) === text.slice(0, 19) ? ms : null;
}
