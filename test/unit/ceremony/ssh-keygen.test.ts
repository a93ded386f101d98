import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { signWithSsh } from '../../../src/ceremony/ssh-keygen.js';

const directory = mkdtempSync(join(tmpdir(), 'chancery-ssh-keygen-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

it('under a uid that no account has, says what to do about that and not about the key', async () => {
  const tool = join(directory, 'ssh-keygen');
  writeFileSync(tool, '#!/bin/sh\necho "No user exists for uid 4343" >&2\nexit 255\n');
  chmodSync(tool, 0o755);
  const key = join(directory, 'key');
  writeFileSync(key, 'a key');
  vi.stubEnv('PATH', `${directory}:${process.env['PATH'] ?? ''}`);
  const error: unknown = await signWithSsh(Buffer.from('{}'), 'policy@chancery', key).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'ABORTED' });
  expect((error as { hint?: string }).hint).toMatch(/passwd/);
});
