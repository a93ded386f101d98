import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { systemCode } from '../../../src/core/files.js';
import { LogSink } from '../../../src/operations/log-sink.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

/** What is in a pipe that was opened without waiting; nothing when it is empty. */
function readNow(fd: number): string {
  const chunk = Buffer.alloc(1 << 20);
  try {
    return chunk.toString('latin1', 0, readSync(fd, chunk));
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return '';
    throw error;
  }
}

/** Its descriptors stay open: what a sink still writes must not reach whoever has the number next. */
describe('LogSink', () => {
  it('writes lines in their order, together, and those of a flush at once', async () => {
    const path = join(directory, 'log');
    const fd = openSync(path, 'w');
    const sink = new LogSink(fd);
    sink.write('one\n');
    sink.write('two\n');
    expect(readFileSync(path, 'utf8')).toBe('');
    sink.flush();
    sink.write('three\n');
    await vi.waitFor(() => {
      expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
    });
    sink.write('four\n');
    sink.flushNow();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\nfour\n');
  });

  it('I10: a full disk neither throws nor blocks', async () => {
    const fd = openSync('/dev/full', 'w');
    const sink = new LogSink(fd);
    for (let round = 0; round < 3; round++) {
      sink.write('lost\n');
      sink.flush();
      await setTimeout(20);
    }
    sink.write('lost\n');
    expect(() => {
      sink.flushNow();
    }).not.toThrow();
  });

  it('I10: a reader that stands still is not waited for; afterwards it is told how much it missed', async () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    // A read that waited would wait for ever: what is kept is written from the event loop.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, 'w');
    const sink = new LogSink(fd);
    const line = `${'x'.repeat(1023)}\n`;
    const lines = 4096;
    for (let at = 0; at < lines; at++) sink.write(line);
    let text = '';
    while (!text.includes('log_lines_lost')) {
      sink.write('later\n');
      text += readNow(reader);
      await setTimeout(1);
    }
    const lost = Number(/"log_lines_lost","lines":(\d+)/.exec(text)?.[1]);
    expect(lost).toBeGreaterThan(lines / 2);
    expect(lost).toBeLessThan(lines);
    closeSync(reader);
  });
});
