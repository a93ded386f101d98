import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src/cli/fail.js';
import { ChanceryError, LOCAL_CODES, refusal } from '../../../src/core/errors.js';

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('errors on the command line', () => {
  it('is one line with code, and the hint below', () => {
    const { text, exitCode } = describeError(
      new ChanceryError('LEDGER_LOCKED', 'it is locked', { hint: 'wait' }),
    );
    expect(text).toBe('error: LEDGER_LOCKED: it is locked\nhint: wait\n');
    expect(exitCode).toBe(1);
  });

  it.each([
    ['USAGE', 2],
    ['DAEMON_UNREACHABLE', 3],
    ['SPEND_LIMIT_EXCEEDED', 1],
    ['TIMEOUT', 1],
  ] as const)('%s exits with %d', (code, expected) => {
    expect(describeError(new ChanceryError(code, 'x')).exitCode).toBe(expected);
  });

  it('shows the figures of every rule that failed', () => {
    const error = refusal([
      {
        code: 'SPEND_LIMIT_EXCEEDED',
        message: 'too much',
        limit: '500000000',
        spent: '0',
        requested: '600000000',
        window: '1h',
        rule: 'keys.trading-1.limits[0]',
      },
      { code: 'OUTSIDE_HOURS', message: 'closed', resetsAt: '2026-11-23T09:30:00.000Z' },
    ]);
    expect(describeError(error).text).toBe(
      'error: SPEND_LIMIT_EXCEEDED: too much; closed\n' +
        '  SPEND_LIMIT_EXCEEDED: too much (limit 500000000, spent 0, requested 600000000, window 1h, rule keys.trading-1.limits[0])\n' +
        '  OUTSIDE_HOURS: closed (resetsAt 2026-11-23T09:30:00.000Z)\n',
    );
  });

  it('lets no text of another party move the cursor', () => {
    const error = new ChanceryError('STATEMENT_INVALID', 'a\u001b[2Jb\u202ec', { hint: 'd\rerror: ok' });
    expect(describeError(error).text).toBe(
      'error: STATEMENT_INVALID: a\\u{1b}[2Jb\\u{202e}c\nhint: d\\u{d}error: ok\n',
    );
  });

  it('keeps the lines of a policy with several problems', () => {
    expect(describeError(new ChanceryError('POLICY_INVALID', 'one\ntwo')).text).toBe(
      'error: POLICY_INVALID: one\n  two\nhint: correct what it names until `chancery policy check` names nothing; then sign it again\n',
    );
  });

  it('says why the system refused a file, unless the message does', () => {
    const cause = thrownBy(() => readFileSync('/absent/file'));
    expect(describeError(new ChanceryError('FILE_UNREADABLE', 'cannot read it', { cause })).text).toBe(
      'error: FILE_UNREADABLE: cannot read it (ENOENT: no such file or directory)\nhint: check path, owner and mode\n',
    );
    expect(describeError(new ChanceryError('FILE_UNREADABLE', 'no (ENOENT)', { cause })).text).toContain(
      ': no (ENOENT)\n',
    );
    expect(describeError(cause).text).toContain(
      'error: FILE_UNREADABLE: cannot use /absent/file (ENOENT: no such file or directory)\n',
    );
  });

  it('has a hint for every code that is met without a daemon, where there is anything to do', () => {
    for (const code of LOCAL_CODES) {
      const { text } = describeError(new ChanceryError(code, 'x'));
      expect(text.includes('\nhint: '), code).toBe(code !== 'ABORTED');
      expect(text, code).not.toMatch(/\.\n$/);
    }
  });

  it('is INTERNAL for what nobody foresaw', () => {
    expect(describeError(new TypeError('boom'))).toEqual({ text: 'error: INTERNAL: boom\n', exitCode: 1 });
  });
});
