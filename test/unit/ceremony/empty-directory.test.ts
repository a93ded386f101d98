import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { takeEmptyDirectory } from '../../../src/ceremony/empty-directory.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let root: string;
beforeEach(() => {
  root = temporaryDirectory();
});

describe('taking an empty directory', () => {
  it('makes what is absent, parents too, and undoes exactly that', async () => {
    const taken = await takeEmptyDirectory(join(root, 'a', 'b', 'c'));
    expect(existsSync(join(root, 'a', 'b', 'c'))).toBe(true);
    await taken.undo();
    expect(existsSync(join(root, 'a'))).toBe(false);
    expect(existsSync(root)).toBe(true);
  });

  it('leaves a directory that was there', async () => {
    mkdirSync(join(root, 'mine'));
    await (await takeEmptyDirectory(join(root, 'mine'))).undo();
    expect(existsSync(join(root, 'mine'))).toBe(true);
  });

  it('undoes no directory into which somebody has put something', async () => {
    const taken = await takeEmptyDirectory(join(root, 'a', 'b'));
    writeFileSync(join(root, 'a', 'theirs'), '');
    await taken.undo();
    expect(existsSync(join(root, 'a', 'b'))).toBe(false);
    expect(existsSync(join(root, 'a', 'theirs'))).toBe(true);
  });

  it('refuses a directory with anything in it, hidden files too', async () => {
    writeFileSync(join(root, '.hidden'), '');
    expect(await rejected(takeEmptyDirectory(root))).toMatchObject({
      code: 'DIRECTORY_NOT_EMPTY',
      hint: expect.stringContaining('choose a directory') as string,
    });
    mkdirSync(join(root, '.init-x1y2z3'));
    expect((await rejected(takeEmptyDirectory(root))).hint).toContain('when none does, remove the directory');
    writeFileSync(join(root, 'chancery.yaml'), '');
    expect((await rejected(takeEmptyDirectory(root))).hint).toContain('choose a directory');
  });

  it('refuses what is no directory', async () => {
    writeFileSync(join(root, 'file'), '');
    expect((await rejected(takeEmptyDirectory(join(root, 'file')))).code).toBe('FILE_UNREADABLE');
    expect((await rejected(takeEmptyDirectory(join(root, 'file', 'below')))).code).toBe('FILE_UNREADABLE');
  });

  it('gives up where nothing can be made, instead of trying for ever', async () => {
    // Under /proc mkdir says ENOENT although the parent is there, also to root.
    const error = await rejected(takeEmptyDirectory('/proc/chancery'));
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toContain('/proc/chancery (ENOENT)');
    expect(error.hint).toBeDefined();
    expect((await rejected(takeEmptyDirectory('/proc/chancery/below'))).code).toBe('FILE_UNREADABLE');
  });

  it('leaves no parent behind when a directory below it cannot be made', async () => {
    const name = 'n'.repeat(300);
    expect((await rejected(takeEmptyDirectory(join(root, 'a', 'b', name)))).message).toContain(
      'ENAMETOOLONG',
    );
    expect(existsSync(join(root, 'a'))).toBe(false);
  });

  it('refuses a link that leads nowhere, and one that leads to itself', async () => {
    symlinkSync(join(root, 'absent'), join(root, 'nowhere'));
    symlinkSync(join(root, 'itself'), join(root, 'itself'));
    for (const name of ['nowhere', 'itself']) {
      expect((await rejected(takeEmptyDirectory(join(root, name)))).code).toBe('FILE_UNREADABLE');
    }
    expect(existsSync(join(root, 'absent'))).toBe(false);
  });
});
