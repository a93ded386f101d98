import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { signWithSsh } from '../../../src/ceremony/ssh-keygen.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
let key: string;
beforeEach(() => {
  directory = temporaryDirectory();
  key = join(directory, 'key');
  writeFileSync(key, 'a key');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Puts a script in place of ssh-keygen. */
function tool(script: string): void {
  const path = join(directory, 'ssh-keygen');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('PATH', `${directory}:${process.env['PATH'] ?? ''}`);
}

it('under a uid that no account has, says what to do about that and not about the key', async () => {
  tool('echo "No user exists for uid 4343" >&2; exit 255');
  const signed = signWithSsh(Buffer.from('{}'), 'policy@chancery', key, new AbortController().signal);
  await expect(signed).rejects.toMatchObject({
    code: 'ABORTED',
    hint: expect.stringMatching(/passwd/) as string,
  });
});
