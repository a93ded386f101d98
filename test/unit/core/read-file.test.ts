import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { readFileIfThere, readFileUpTo } from '../../../src/core/read-file.js';
import { thrown } from '../../support/thrown.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

it('does not wait for a pipe: who waits in a system call hears no SIGTERM', () => {
  const pipe = join(directory, 'policy.yaml');
  execFileSync('mkfifo', [pipe]);
  expect(thrown(() => readFileUpTo(pipe, 'the policy'))).toMatchObject({
    code: 'FILE_UNREADABLE',
    message: 'the policy is a pipe and no file',
  });
  expect(thrown(() => readFileIfThere(pipe)).code).toBe('FILE_UNREADABLE');
});

it('ends where a device does not', () => {
  const device = join(directory, 'device');
  symlinkSync('/dev/zero', device);
  expect(thrown(() => readFileUpTo(device, device)).code).toBe('FILE_UNREADABLE');
});

it('reads a file, and knows one that is not there', () => {
  const path = join(directory, 'file');
  expect(readFileIfThere(path)).toBeNull();
  writeFileSync(path, 'text');
  expect(readFileUpTo(path, path, 4).toString()).toBe('text');
  expect(thrown(() => readFileUpTo(path, path, 3)).code).toBe('FILE_UNREADABLE');
});
