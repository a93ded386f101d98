import type { Hours } from './policy.js';

/** As in policy.yaml; the index is the number of the day. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 1440;
/** No clock is further from UTC (ms): between these a date begins and ends everywhere. */
const FURTHEST_EAST = 14 * 3_600_000;
const FURTHEST_WEST = 12 * 3_600_000;

/** `mon-fri`, `sat,sun`, `fri-mon,wed`: days as numbers, 0 Sunday to 6 Saturday; null when it is none. */
export function parseDays(text: string): ReadonlySet<number> | null {
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const ends = part.split('-').map((name) => DAYS.indexOf(name));
    const [first = -1, last = first] = ends;
    if (ends.length > 2 || first < 0 || last < 0) return null;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return days;
}

/** `HH:MM` in minutes after midnight; the shape is checked before. */
export function parseMinutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** A formatter of the zone's wall clock, made once: making one costs a hundred times what using it does. */
export function zoneFormat(zone: string): Intl.DateTimeFormat | null {
  // Intl also takes offsets like `+05:00`, which no daylight saving moves; a zone is what was meant.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(zone)) return null;
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return null;
  }
}

interface Local {
  /** 0 Sunday to 6 Saturday. */
  readonly weekday: number;
  /** Midnight of the local date, as if the zone were UTC. */
  readonly midnight: number;
  /** Minutes after midnight. */
  readonly minute: number;
}

function localTime(hours: Hours, now: number): Local {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of hours.format.formatToParts(now)) parts[type] = value;
  const midnight = Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day));
  return {
    weekday: new Date(midnight).getUTCDay(),
    midnight,
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

/**
 * Whether signing is open at `now` (ms). The zone's wall clock decides, so daylight saving moves the hours with
 * the people who keep them; in the hour a clock shows twice both passes count alike.
 */
export function isOpen(hours: Hours, now: number): boolean {
  const { weekday, minute } = localTime(hours, now);
  return isOpenAt(hours, weekday, minute);
}

/** Whether signing is open when the wall clock shows this weekday (0 Sunday to 6 Saturday) and minute of the day. */
export function isOpenAt({ from, to, days }: Hours, weekday: number, minute: number): boolean {
  if (from < to) return days.has(weekday) && minute >= from && minute < to;
  // Past midnight: the part after it belongs to the day it began on.
  return (days.has(weekday) && minute >= from) || (days.has((weekday + 6) % 7) && minute < to);
}

/** The next time (ms) at which signing opens, from a closed `now`; null when no such time lies within 8 days. */
export function nextOpening(hours: Hours, now: number): number | null {
  const { midnight } = localTime(hours, now);
  let next: number | null = null;
  for (let day = 0; day <= 8; day++) {
    for (const opening of beginnings(hours, midnight + day * DAY_MINUTES * 60_000)) {
      if (opening > now && isOpen(hours, opening)) next = Math.min(next ?? opening, opening);
    }
  }
  return next;
}

/**
 * Where hours may begin on the date whose midnight is `date` (given as if the zone were UTC): at `from`, which a clock
 * that is set back shows twice, and when a clock that is set leaps or falls into them.
 */
function beginnings(hours: Hours, date: number): readonly number[] {
  const opening = date + hours.from * 60_000;
  const [earliest, latest] = [date - FURTHEST_EAST, date + DAY_MINUTES * 60_000 + FURTHEST_WEST];
  const [before, after] = [offsetAt(hours, earliest), offsetAt(hours, latest)];
  if (before === after) return [opening - before];
  return [opening - before, opening - after, changeBetween(hours, earliest, latest)];
}

/** The minute at which the offset is another than at `from`; by `to` it has changed once. */
function changeBetween(hours: Hours, from: number, to: number): number {
  const before = offsetAt(hours, from);
  let [low, high] = [from / 60_000, to / 60_000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(hours, middle * 60_000) === before) low = middle;
    else high = middle;
  }
  return high * 60_000;
}

/** How far (ms) the zone's wall clock is ahead of UTC. */
function offsetAt(hours: Hours, instant: number): number {
  const { midnight, minute } = localTime(hours, instant);
  return midnight + minute * 60_000 - Math.floor(instant / 60_000) * 60_000;
}
