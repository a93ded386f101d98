import { describe, expect, it } from 'vitest';
import { Log, type LogLevel } from '../../../src/operations/log.js';

function logged(level: LogLevel): { log: Log; lines: string[]; flushed: () => number } {
  const lines: string[] = [];
  let flushes = 0;
  const sink = {
    write: (line: string): void => void lines.push(line),
    flush: (): void => void (flushes += 1),
  };
  return { log: new Log(level, sink), lines, flushed: () => flushes };
}

describe('Log', () => {
  it('writes one JSON object a line: level, time, event, then the fields', () => {
    const { log, lines } = logged('debug');
    log.info('request', { code: 'ok', ms: 1.5, key: null, workload: undefined });
    log.warn('bare');
    expect(lines.join('')).toMatch(
      /^\{"level":30,"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","event":"request","code":"ok","ms":1\.5,"key":null\}\n\{"level":40,"time":"[^"]+","event":"bare"\}\n$/,
    );
  });

  it('keeps what a caller chose inside its string and on its line', () => {
    const { log, lines } = logged('info');
    log.info('request', { exe: 'a"}\n{"level":50,"event":"forged' });
    expect(lines).toHaveLength(1);
    expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 30,
      event: 'request',
      exe: 'a"}\n{"level":50,"event":"forged',
    });
  });

  it.each([
    ['debug', [20, 30, 40, 50]],
    ['info', [30, 40, 50]],
    ['warn', [40, 50]],
    ['error', [50]],
  ] as const)('at %s has the levels %j', (level, expected) => {
    const { log, lines } = logged(level);
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    expect(lines.map((line) => (JSON.parse(line) as { level: number }).level)).toEqual(expected);
  });

  it('has errors written at once, others when the sink pleases', () => {
    const { log, flushed } = logged('info');
    log.warn('w');
    expect(flushed()).toBe(0);
    log.error('e');
    expect(flushed()).toBe(1);
  });
});
