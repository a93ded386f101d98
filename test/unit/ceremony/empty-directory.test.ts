import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeEmptyDirectory } from '../../../src/ceremony/empty-directory.js';
import { rejected } from '../../support/rejected.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'chancery-empty-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
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
    expect((await rejected(takeEmptyDirectory(root))).code).toBe('DIRECTORY_NOT_EMPTY');
  });

  it('refuses what is no directory', async () => {
    writeFileSync(join(root, 'file'), '');
    expect((await rejected(takeEmptyDirectory(join(root, 'file')))).code).toBe('FILE_UNREADABLE');
    expect((await rejected(takeEmptyDirectory(join(root, 'file', 'below')))).code).toBe('FILE_UNREADABLE');
  });
});
