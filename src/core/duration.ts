import type { Brand } from './brand.js';

/** Milliseconds, parsed from `90s`, `30m`, `1h`, `7d`. */
export type Duration = Brand<number, 'Duration'>;

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Null unless it is a positive whole number with one unit of s, m, h, d and at most ten years. */
export function parseDuration(text: string): Duration | null {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const ms = Number(match[1]) * (UNITS[match[2]] ?? Number.NaN);
  return ms <= 3650 * 86_400_000 ? (ms as Duration) : null;
}

/** The largest unit that divides it: 3600000 is `1h`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = UNITS[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${String(ms / size)}${unit}`;
  }
  return `${String(Math.round(ms / 1000))}s`;
}
