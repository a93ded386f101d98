import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeStatementFile } from '../../../src/cli/statement-files.js';
import { SmallDisk } from '../../support/disk/small-disk.js';
import { rejected } from '../../support/rejected.js';

const root = mkdtempSync(join(tmpdir(), 'chancery-statement-'));
const disk = SmallDisk.tmpfs(root, 64);
afterAll(() => {
  disk.remove();
  rmSync(root, { recursive: true });
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
