import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeDirectories, removeDirectories } from '../../../src/os/make-directories.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let root: string;
beforeEach(() => {
  root = temporaryDirectory();
});

const at = (name: string) => join(root, name);

describe('making directories', () => {
  it('says which is the outermost it made, each with the mode given', async () => {
    expect(await makeDirectories(at('a/b/c'), 0o700)).toBe(at('a'));
    expect(['a', 'a/b', 'a/b/c'].map((name) => statSync(at(name)).mode & 0o777)).toEqual([
      0o700, 0o700, 0o700,
    ]);
    expect(await makeDirectories(at('a/b/d'))).toBe(at('a/b/d'));
    expect(await makeDirectories(at('a/b/d'))).toBeUndefined();
  });

  it('goes through a link to a directory', async () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    expect(await makeDirectories(at('link'))).toBeUndefined();
    await makeDirectories(at('link/below'));
    expect(existsSync(at('real/below'))).toBe(true);
  });

  it.each([
    ['a file', 'file', 'EEXIST'],
    ['below a file', 'file/below', 'ENOTDIR'],
    ['a link to nothing', 'nowhere', 'EEXIST'],
    ['a link to itself', 'itself', 'ELOOP'],
    ['a name that is too long', `a/b/${'n'.repeat(300)}`, 'ENAMETOOLONG'],
  ])("rejects %s with the system's error and leaves nothing", async (_, name, code) => {
    writeFileSync(at('file'), '');
    symlinkSync(at('absent'), at('nowhere'));
    symlinkSync(at('itself'), at('itself'));
    await expect(makeDirectories(at(name))).rejects.toMatchObject({ code });
    expect([existsSync(at('a')), existsSync(at('absent'))]).toEqual([false, false]);
  });

  it('gives up under /proc, where mkdir says ENOENT although the parent is there', async () => {
    for (const path of ['/proc/chancery', '/proc/chancery/ledger']) {
      await expect(makeDirectories(path)).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  it('serves two that make the same at once', async () => {
    const made = await Promise.all([makeDirectories(at('x/y')), makeDirectories(at('x/y'))]);
    expect(made).toContain(at('x'));
    expect(statSync(at('x/y')).isDirectory()).toBe(true);
  });
});

describe('removing them', () => {
  it('goes outwards as far as they are empty, and no further than told', async () => {
    mkdirSync(at('a/b/c'), { recursive: true });
    writeFileSync(at('a/theirs'), '');
    await removeDirectories(at('a/b/c'), at('a'));
    expect([existsSync(at('a/b')), existsSync(at('a/theirs'))]).toEqual([false, true]);
    mkdirSync(at('d/e'), { recursive: true });
    await removeDirectories(at('d/e'), at('d/e'));
    expect([existsSync(at('d')), existsSync(at('d/e'))]).toEqual([true, false]);
  });
});
