import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootTime } from '../../../src/os/boottime.js';

describe('bootTime', () => {
  it('counts whole milliseconds since the machine started, as /proc/uptime does', () => {
    const before = bootTime();
    const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000;
    const after = bootTime();
    expect(Number.isInteger(before)).toBe(true);
    // /proc/uptime is cut to 10 ms.
    expect(uptime).toBeGreaterThan(before - 11);
    expect(uptime).toBeLessThanOrEqual(after + 1);
  });
});
