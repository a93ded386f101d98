import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemCode } from '../../../src/core/files.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const MODULE = (path: string): string => fileURLToPath(new URL(`../../../dist/${path}`, import.meta.url));
const BINARY = MODULE('cli/main.js');

let root: string;
/** The pid of the tool that signs, once it has been asked. */
let asked: string;
beforeEach(() => {
  root = temporaryDirectory();
  asked = join(root, 'asked');
  for (const name of ['bin', 'tmp']) mkdirSync(join(root, name));
  const tool = join(root, 'bin', 'ssh-keygen');
  writeFileSync(tool, signingWith(`echo $$ > ${asked}.new; mv ${asked}.new ${asked}; exec sleep 600`));
  chmodSync(tool, 0o755);
});

/** A tool that makes keys, and waits for a touch for ever when it is to sign. */
function signingWith(ask: string): string {
  return `#!/bin/sh\ncase "$*" in *"-Y sign"*) ${ask} ;; esac\nexec /usr/bin/ssh-keygen "$@"\n`;
}

function started(words: readonly string[]): ChildProcess {
  const PATH = `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, PATH, TMPDIR: join(root, 'tmp') };
  return spawn(process.execPath, words, { env, stdio: 'ignore' });
}

async function untilAsked(...words: readonly string[]): Promise<ChildProcess> {
  const child = started([BINARY, ...words]);
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

/** A process that is told to end by SIGTERM just before it asks a key to sign. */
const TOLD_BEFORE = `
const { tidyEnd } = await import(${JSON.stringify(MODULE('os/tidy-end.js'))});
const { signWithSsh } = await import(${JSON.stringify(MODULE('ceremony/ssh-keygen.js'))});
await tidyEnd(async (told) => {
  process.emit('SIGTERM', 'SIGTERM');
  await signWithSsh(Buffer.from('{}'), 'test', process.argv[1], told);
});
`;

it('a key is not asked any more by a process that was told to end before', async () => {
  const identity = join(root, 'identity');
  writeFileSync(identity, '');
  const child = started(['--input-type=module', '-e', TOLD_BEFORE, identity]);
  expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
  expect(existsSync(asked)).toBe(false);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
});

it('a helper of the tool that goes on (for a touch, for a passphrase) is not waited for', async () => {
  const helper = join(root, 'helper');
  const ask = `sleep 600 &\necho $! > ${helper}; echo $$ > ${asked}.new; mv ${asked}.new ${asked}; wait`;
  writeFileSync(join(root, 'bin', 'ssh-keygen'), signingWith(ask));
  const child = await untilAsked('init', join(root, 'site'));
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(existsSync(join(root, 'site'))).toBe(false);
  process.kill(Number(readFileSync(helper, 'utf8')));
});
