import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemCode } from '../../../src/core/files.js';

const BINARY = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

let root: string;
/** The pid of the tool that signs, once it has been asked. */
let asked: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'chancery-told-'));
  asked = join(root, 'asked');
  for (const name of ['bin', 'tmp']) mkdirSync(join(root, name));
  const tool = join(root, 'bin', 'ssh-keygen');
  // Makes keys, and waits for a touch for ever when it is to sign.
  const real = '/usr/bin/ssh-keygen';
  writeFileSync(
    tool,
    `#!/bin/sh\ncase "$*" in *"-Y sign"*) echo $$ > ${asked}.new; mv ${asked}.new ${asked}; exec sleep 600 ;; esac\nexec ${real} "$@"\n`,
  );
  chmodSync(tool, 0o755);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

async function untilAsked(...words: readonly string[]): Promise<ChildProcess> {
  const PATH = `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, PATH, TMPDIR: join(root, 'tmp') };
  const child = spawn(process.execPath, [BINARY, ...words], { env, stdio: 'ignore' });
  while (!existsSync(asked)) {
    if (child.exitCode !== null) throw new Error(`ended with ${String(child.exitCode)}`);
    await pause(20);
  }
  return child;
}

function toolIsGone(): boolean {
  try {
    return !process.kill(Number(readFileSync(asked, 'utf8')), 0);
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'told to end by %s while a key is asked to sign',
  (signal) => {
    it('init ends by it and leaves nothing: no secrets, no process', async () => {
      const child = await untilAsked('init', join(root, 'site'));
      expect(existsSync(join(root, 'site'))).toBe(true);
      const ended = once(child, 'close');
      child.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(existsSync(join(root, 'site'))).toBe(false);
      expect(readdirSync(join(root, 'tmp'))).toEqual([]);
      expect(toolIsGone()).toBe(true);
    });
  },
);

it('attest sign that is broken off leaves neither request nor signature, nor a process', async () => {
  const site = join(root, 'site');
  const wish = ['--workload', 'spiffe://dev.chancery.local/agent', '--key', 'trading-1', '--ttl', '30m'];
  const config = ['--config', join(site, 'chancery.yaml')];
  const request = join(root, 'monday.json');
  execFileSync(process.execPath, [BINARY, 'init', site]);
  execFileSync(process.execPath, [BINARY, 'attest', 'request', request, ...config, ...wish]);
  const identity = ['--identity', join(site, 'secrets', 'sovereign')];
  const child = await untilAsked('attest', 'sign', request, ...config, ...identity);
  expect(readdirSync(join(root, 'tmp'))).toHaveLength(1);
  const ended = once(child, 'close');
  child.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  expect(existsSync(join(root, 'monday.statement.json'))).toBe(false);
  expect(toolIsGone()).toBe(true);
});
