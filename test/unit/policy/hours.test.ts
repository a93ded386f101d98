import { describe, expect, it } from 'vitest';
import { isOpen, nextOpening, parseDays, parseMinutes, zoneFormat } from '../../../src/policy/hours.js';
import type { Hours } from '../../../src/policy/policy.js';

function hours(zone: string, days: string, from: string, to: string): Hours {
  return {
    zone,
    format: zoneFormat(zone)!,
    days: parseDays(days)!,
    from: parseMinutes(from),
    to: parseMinutes(to),
  };
}

const at = (text: string): number => Date.parse(text);
const next = (rule: Hours, text: string): string => new Date(nextOpening(rule, at(text))!).toISOString();

describe('hours', () => {
  const market = hours('America/New_York', 'mon-fri', '09:30', '16:00');

  it('open at their first minute and close at their last, by the clock of the zone', () => {
    // Monday 15 June 2026: New York is at UTC-4.
    expect(isOpen(market, at('2026-06-15T13:29:59.999Z'))).toBe(false);
    expect(isOpen(market, at('2026-06-15T13:30:00.000Z'))).toBe(true);
    expect(isOpen(market, at('2026-06-15T19:59:59.999Z'))).toBe(true);
    expect(isOpen(market, at('2026-06-15T20:00:00.000Z'))).toBe(false);
    expect(isOpen(market, at('2026-06-14T15:00:00Z'))).toBe(false);
  });

  it('move with daylight saving', () => {
    // 8 March 2026 is the change: the Friday before at UTC-5, the Monday after at UTC-4.
    expect(isOpen(market, at('2026-03-06T13:45:00Z'))).toBe(false);
    expect(isOpen(market, at('2026-03-06T14:30:00Z'))).toBe(true);
    expect(isOpen(market, at('2026-03-09T13:30:00Z'))).toBe(true);
    expect(isOpen(market, at('2026-03-09T20:30:00Z'))).toBe(false);
    expect(next(market, '2026-03-06T21:00:00Z')).toBe('2026-03-09T13:30:00.000Z');
  });

  it('in the hour that a clock shows twice count both passes, and name the opening after a skipped one', () => {
    const night = hours('America/New_York', 'sun', '01:30', '02:00');
    expect(isOpen(night, at('2026-11-01T05:45:00Z'))).toBe(true);
    expect(isOpen(night, at('2026-11-01T06:45:00Z'))).toBe(true);
    expect(isOpen(night, at('2026-11-01T07:15:00Z'))).toBe(false);
    const skipped = hours('America/New_York', 'sun', '02:30', '05:00');
    expect(isOpen(skipped, at('2026-03-08T06:59:00Z'))).toBe(false);
    expect(isOpen(skipped, at('2026-03-08T07:00:00Z'))).toBe(true);
    const opening = nextOpening(skipped, at('2026-03-08T00:00:00Z'))!;
    expect(isOpen(skipped, opening)).toBe(true);
    expect(opening).toBeGreaterThanOrEqual(at('2026-03-08T07:00:00Z'));
  });

  /** Minute by minute, as somebody who looks at the clock would find it. */
  function found(rule: Hours, text: string): string {
    for (let now = at(text); ; now += 60_000) if (isOpen(rule, now)) return new Date(now).toISOString();
  }

  it.each<[string, Hours, readonly string[]]>([
    // 1 November 2026, 06:00Z: from 02:00 back to 01:00.
    [
      'again in the hour that is shown twice',
      hours('America/New_York', 'sun', '01:30', '01:45'),
      ['2026-11-01T05:50:00Z'],
    ],
    [
      'with the clock that falls back into them',
      hours('America/New_York', 'sun', '00:30', '01:30'),
      ['2026-11-01T05:35:00Z'],
    ],
    // 8 March 2026, 07:00Z: from 02:00 on to 03:00.
    [
      'with the clock that leaps into them',
      hours('America/New_York', 'sun', '02:30', '03:30'),
      ['2026-03-08T06:00:00Z', '2026-03-08T07:31:00Z'],
    ],
    [
      'a week later when they are skipped',
      hours('America/New_York', 'sun', '02:15', '02:45'),
      ['2026-03-08T05:00:00Z'],
    ],
    // 24 April 2026: midnight is skipped.
    [
      'on a date without a midnight',
      hours('Africa/Cairo', 'fri', '00:00', '08:00'),
      ['2026-04-23T20:00:00Z'],
    ],
    // 5 April 2026: half an hour.
    [
      'where the change is half an hour',
      hours('Australia/Lord_Howe', 'sun', '01:45', '02:10'),
      ['2026-04-04T14:00:00Z', '2026-04-04T15:05:00Z'],
    ],
    [
      'over the night of a change',
      hours('Europe/Berlin', 'sat', '23:30', '02:30'),
      ['2026-10-24T12:00:00Z', '2026-10-25T00:45:00Z', '2026-03-28T12:00:00Z'],
    ],
  ])('open %s', (_when, rule, times) => {
    for (const time of times) {
      expect(isOpen(rule, at(time))).toBe(false);
      expect(next(rule, time)).toBe(found(rule, time));
    }
  });

  it('past midnight belong to the day they began on', () => {
    const asia = hours('Asia/Tokyo', 'fri', '22:00', '06:00');
    expect(isOpen(asia, at('2026-06-19T13:00:00Z'))).toBe(true); // Friday 22:00
    expect(isOpen(asia, at('2026-06-19T20:59:00Z'))).toBe(true); // Saturday 05:59
    expect(isOpen(asia, at('2026-06-19T21:00:00Z'))).toBe(false); // Saturday 06:00
    expect(isOpen(asia, at('2026-06-18T20:00:00Z'))).toBe(false); // Friday 05:00
  });

  it('say when they next open', () => {
    expect(next(market, '2026-06-15T20:00:00Z')).toBe('2026-06-16T13:30:00.000Z');
    expect(next(market, '2026-06-19T20:00:00Z')).toBe('2026-06-22T13:30:00.000Z');
    expect(next(market, '2026-06-15T01:00:00Z')).toBe('2026-06-15T13:30:00.000Z');
    const half = hours('Asia/Kathmandu', 'mon', '00:00', '24:00');
    expect(next(half, '2026-06-16T00:00:00Z')).toBe('2026-06-21T18:15:00.000Z');
  });

  it('are open all day from 00:00 to 24:00', () => {
    const always = hours('UTC', 'mon-sun', '00:00', '24:00');
    for (let hour = 0; hour < 24 * 7; hour++) {
      expect(isOpen(always, at('2026-06-15T00:00:00Z') + hour * 3_600_000 - 1)).toBe(true);
    }
  });
});

describe('days', () => {
  it('are ranges and lists, and may go round the week', () => {
    expect([...parseDays('mon-fri')!]).toEqual([1, 2, 3, 4, 5]);
    expect([...parseDays('fri-mon,wed')!]).toEqual([5, 6, 0, 1, 3]);
    expect([...parseDays('sat')!]).toEqual([6]);
  });
  it.each(['', 'Mon', 'mon-', '-fri', 'mon-wed-fri', 'mon,,tue', 'monday', 'mon - fri'])('not %j', (text) => {
    expect(parseDays(text)).toBeNull();
  });
});

describe('zones', () => {
  it.each(['America/New_York', 'UTC', 'Asia/Kathmandu', 'Etc/GMT+5'])('%s is one', (zone) => {
    expect(zoneFormat(zone)).not.toBeNull();
  });
  it.each(['+05:00', 'Mars/Olympus', '', '../etc', 'America/New_York\n'])('%j is none', (zone) => {
    expect(zoneFormat(zone)).toBeNull();
  });
});
