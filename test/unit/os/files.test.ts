import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeAll } from '../../../src/core/files.js';
import { nodeFiles } from '../../../src/os/files.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const files = nodeFiles();
let directory: string;

beforeEach(() => (directory = temporaryDirectory()));

const at = (name: string) => join(directory, name);

describe('nodeFiles', () => {
  it('makes directories for the owner alone, and lists them', async () => {
    await files.makeDirectory(at('a/b'));
    await files.makeDirectory(at('a/b'));
    expect(statSync(at('a/b')).mode & 0o777).toBe(0o700);
    expect(await files.list(directory)).toEqual(['a']);
    expect(await files.list(at('none'))).toBeNull();
  });

  it('does not wait for a pipe in place of a file', async () => {
    spawnSync('mkfifo', [at('pipe')]);
    const pipe = await files.open(at('pipe'), 'read');
    expect(await pipe.read(new Uint8Array(1), 0).catch(() => 0)).toBe(0);
    await pipe.close();
  });

  it('creates a file once, for the owner alone', async () => {
    const file = await files.open(at('new'), 'create');
    await writeAll(file, Buffer.from('hello'), 0);
    await file.sync();
    await file.close();
    expect(statSync(at('new')).mode & 0o777).toBe(0o600);
    await expect(files.open(at('new'), 'create')).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('names the file of which a descriptor refuses something', async () => {
    const file = await files.open(directory, 'read');
    await expect(file.read(Buffer.alloc(8), 0)).rejects.toMatchObject({
      code: 'EISDIR',
      path: directory,
      message: `EISDIR: illegal operation on a directory, read '${directory}'`,
    });
    await file.close();
  });

  it('follows no symbolic link in place of a file', async () => {
    writeFileSync(at('target'), 'x');
    symlinkSync(at('target'), at('link'));
    for (const mode of ['read', 'create', 'commit'] as const) {
      await expect(files.open(at('link'), mode)).rejects.toMatchObject({
        code: mode === 'create' ? 'EEXIST' : 'ELOOP',
      });
    }
    await expect(files.lock(at('link'))).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('reads up to the end and writes in place', async () => {
    writeFileSync(at('file'), 'abcdef');
    const writing = await files.open(at('file'), 'commit');
    await writeAll(writing, Buffer.from('XY'), 2);
    await writing.truncate(5);
    await writing.close();
    const reading = await files.open(at('file'), 'read');
    const buffer = Buffer.alloc(10, '.');
    expect([await reading.size(), await reading.read(buffer, 1)]).toEqual([5, 4]);
    expect(buffer.toString()).toBe('bXYe......');
    expect(await reading.read(buffer, 9)).toBe(0);
    await reading.close();
  });

  it('opens commit files so that each write is durable by itself', async () => {
    writeFileSync(at('file'), 'x');
    const file = await files.open(at('file'), 'commit');
    const flags = readFileSync('/proc/self/fdinfo/' + descriptorOf(at('file')), 'utf8');
    const octal = /flags:\s+(\d+)/.exec(flags)?.[1] ?? '0';
    expect(parseInt(octal, 8) & 0o10000).toBe(0o10000);
    await file.close();
  });

  it('removes and renames, and is silent about what is not there', async () => {
    writeFileSync(at('one'), '1');
    await files.rename(at('one'), at('two'));
    await files.remove(at('two'));
    await files.remove(at('two'));
    await files.syncDirectory(directory);
    expect(await files.list(directory)).toEqual([]);
  });
});

describe('lock', () => {
  it('keeps out a second holder, in this process and in another', async () => {
    const lock = await files.lock(at('lock'));
    expect(lock).not.toBeNull();
    expect(await files.lock(at('lock'))).toBeNull();
    expect(spawnSync('flock', ['-n', at('lock'), 'true']).status).toBe(1);
    await lock!.release();
    await lock!.release();
    expect(spawnSync('flock', ['-n', at('lock'), 'true']).status).toBe(0);
  });

  it('falls to the next when its holder is killed', async () => {
    const holder = spawn('flock', ['-n', at('lock'), '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    await once(holder.stdout, 'data');
    expect(await files.lock(at('lock'))).toBeNull();
    process.kill(-holder.pid!, 'SIGKILL');
    await once(holder, 'close');
    const lock = await files.lock(at('lock'));
    expect(lock).not.toBeNull();
    await lock!.release();
  });
});

function descriptorOf(path: string): string {
  const listed = spawnSync('find', [`/proc/${String(process.pid)}/fd`, '-lname', path, '-printf', '%f\n']);
  return listed.stdout.toString().trim().split('\n')[0] ?? '';
}
