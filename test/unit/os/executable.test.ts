import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { pinExecutable } from '../../../src/os/executable.js';
import { until } from '../../support/transport.js';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

/** Descriptors of this process for files whose paths are too long. */
function left(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      readlinkSync(`/proc/self/fd/${fd}`);
      return false;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG';
    }
  }).length;
}

describe('an executable that lies deeper than a path can say', () => {
  it('is pinned without a path, and leaves no descriptor behind', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'chancery-deep-'));
    // Node's own rm does not reach that deep either.
    open.push(() => execFileSync('rm', ['-rf', directory]));
    const deeper = `n=$(printf '%0200d' 0); for i in $(seq 25); do mkdir $n; cd -P ./$n; done`;
    const child = spawn('/bin/sh', ['-c', `${deeper}; cp "$(command -v sleep)" deep; exec ./deep 60`], {
      cwd: directory,
      stdio: 'ignore',
    });
    open.push(() => child.kill('SIGKILL'));
    const { pid = 0 } = child;
    await until(() => {
      const pinned = pinExecutable(pid);
      pinned?.close();
      return pinned?.path === '';
    });
    const pinned = pinExecutable(pid);
    expect(pinned?.runs()).toBe(true);
    expect(left()).toBe(1);
    pinned?.close();
    expect(left()).toBe(0);
  });
});
