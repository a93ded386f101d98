import type { Hours } from './policy.js';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 1440;

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
  const { from, to, days } = hours;
  if (from < to) return days.has(weekday) && minute >= from && minute < to;
  // Past midnight: the part after it belongs to the day it began on.
  return (days.has(weekday) && minute >= from) || (days.has((weekday + 6) % 7) && minute < to);
}

/** The next time (ms) at which signing opens, from a closed `now`; null when no such time lies within 8 days. */
export function nextOpening(hours: Hours, now: number): number | null {
  const { midnight } = localTime(hours, now);
  for (let day = 0; day <= 8; day++) {
    const date = midnight + day * DAY_MINUTES * 60_000;
    if (!hours.days.has(new Date(date).getUTCDay())) continue;
    const opening = instantOf(hours, date + hours.from * 60_000);
    if (opening > now && isOpen(hours, opening)) return opening;
  }
  return null;
}

/**
 * The instant at which the zone's wall clock shows `local` (given as if it were UTC): the offset is asked twice,
 * since the first guess may lie across a change. A time that the clock skips gives the instant after the gap.
 */
function instantOf(hours: Hours, local: number): number {
  const offsetAt = (instant: number): number => {
    const { midnight, minute } = localTime(hours, instant);
    return midnight + minute * 60_000 - Math.floor(instant / 60_000) * 60_000;
  };
  const first = local - offsetAt(local);
  return local - offsetAt(first);
}
