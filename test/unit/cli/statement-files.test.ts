import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeStatementFile } from '../../../src/cli/statement-files.js';
import { SmallDisk } from '../../support/disk/small-disk.js';
import { rejected } from '../../support/rejected.js';

const root = mkdtempSync(join(tmpdir(), 'chancery-statement-'));
const elsewhere = mkdtempSync(join(tmpdir(), 'chancery-statement-'));
const disk = SmallDisk.tmpfs(root, 64);
afterAll(() => {
  disk.remove();
  for (const directory of [root, elsewhere]) rmSync(directory, { recursive: true });
});

const envelope = { payload: 'e30=', signatures: [] };
const full = { code: 'FILE_UNREADABLE', hint: 'make room there and give the command again' };

describe.skipIf(disk.refused !== null)('a statement on a full disk', () => {
  it('leaves no empty file that would be in the way of the next try', async () => {
    const path = join(root, 'monday.statement.json');
    disk.leave(0);
    expect(await rejected(writeStatementFile(path, envelope))).toMatchObject(full);
    expect(existsSync(path)).toBe(false);
    disk.leave(8192);
    await writeStatementFile(path, envelope);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(envelope);
  });

  it('leaves what others have signed as it is', async () => {
    const path = join(root, 'tuesday.statement.json');
    disk.leave(8192);
    writeFileSync(path, 'signed by others');
    disk.leave(0);
    expect(await rejected(writeStatementFile(path, envelope))).toMatchObject(full);
    expect(readFileSync(path, 'utf8')).toBe('signed by others');
    expect(readdirSync(root).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });
});

it.each([
  ['below a file', join('file', 'monday.statement.json'), 'ENOTDIR'],
  ['of a name too long', 'a'.repeat(300), 'ENAMETOOLONG'],
])('a path %s, where nothing can be removed either, is the error of the file', async (_, name, why) => {
  writeFileSync(join(elsewhere, 'file'), '');
  const path = join(elsewhere, name);
  expect(await rejected(writeStatementFile(path, envelope))).toMatchObject({
    code: 'FILE_UNREADABLE',
    message: `cannot write ${path} (${why})`,
  });
});

it('what stands where the draft goes is named when it cannot be removed', async () => {
  const path = join(elsewhere, 'wednesday.statement.json');
  writeFileSync(path, 'signed by others');
  mkdirSync(`${path}.draft`);
  const { code, message } = await rejected(writeStatementFile(path, envelope));
  expect(`${code}: ${message}`).toBe(`FILE_UNREADABLE: cannot write ${path}.draft (EEXIST)`);
  expect(readFileSync(path, 'utf8')).toBe('signed by others');
});

it('a link to a file that is not there yet makes that file', async () => {
  const link = join(elsewhere, 'policy.yaml.sig');
  symlinkSync('signed-elsewhere', link);
  await writeStatementFile(link, envelope);
  expect(JSON.parse(readFileSync(join(elsewhere, 'signed-elsewhere'), 'utf8'))).toEqual(envelope);
});
