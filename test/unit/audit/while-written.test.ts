import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { walk } from '../../../src/audit/read/walk.js';
import { listSegments } from '../../../src/audit/read/segments.js';
import { soundLedger } from '../../support/audit/sound-ledger.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** What the reader takes from the file at once. */
const CHUNK = 1 << 18;
const RESERVED = 4 * CHUNK;

const bytes = Buffer.from(soundLedger(500).lines.join(''));
const count = (upTo: number): number => bytes.subarray(0, upTo).toString('latin1').split('\n').length - 1;
let directory: string;
let path: string;
let prototype: FileHandle;

beforeEach(async () => {
  directory = temporaryDirectory();
  path = join(directory, '000000000000.ledger');
  const handle = await open('/dev/null');
  prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The segment as it stands when so many bytes of it are written. */
function writtenUpTo(length: number): void {
  writeFileSync(path, bytes.subarray(0, length));
  truncateSync(path, RESERVED);
}

/** Lets the daemon write on as soon as the reader has read for the `nth` time. */
function onceRead(nth: number, write: () => void): void {
  const read: unknown = Reflect.get(prototype, 'read');
  let reads = 0;
  vi.spyOn(prototype, 'read').mockImplementation(async function (this: FileHandle, ...args: never[]) {
    const result: unknown = await Reflect.apply(read as () => unknown, this, args);
    if (++reads === nth) write();
    return result;
  } as never);
}

async function walked(): Promise<{ entries: number; damage: string | null }> {
  let entries = 0;
  for await (const { steps = [], damage } of walk(await listSegments({ directory }))) {
    if (damage !== undefined) return { entries, damage: damage.kind };
    entries += steps.length;
  }
  return { entries, damage: null };
}

describe('a segment that a daemon writes while it is read', () => {
  const all = { entries: count(bytes.length), damage: null };

  it('goes on where writes passed the end of what had been read', async () => {
    expect(bytes.length).toBeGreaterThan(2 * CHUNK);
    writtenUpTo(bytes.lastIndexOf(0x0a, CHUNK - 100) + 1);
    onceRead(1, () => {
      writtenUpTo(bytes.length);
    });
    expect(await walked()).toEqual(all);
  });

  it('goes on where half a line had been read, also with more behind it by now', async () => {
    for (const cut of [CHUNK - 70_000, CHUNK - 200, CHUNK + 10]) {
      writtenUpTo(cut);
      onceRead(Math.ceil(cut / CHUNK), () => {
        writtenUpTo(bytes.length);
      });
      expect(await walked()).toEqual(all);
      vi.restoreAllMocks();
    }
  });

  it('reads again a line whose pages came out of order', async () => {
    const holed = Buffer.from(bytes);
    const page = 16 * 4096;
    holed.fill(0, page - 4096, page);
    writeFileSync(path, holed);
    onceRead(1, () => {
      writeFileSync(path, bytes);
    });
    expect(await walked()).toEqual(all);
  });

  it('still finds what stays so: a hole, half a line, and bytes that are no line at all', async () => {
    const holed = Buffer.from(bytes);
    holed.fill(0, 16 * 4096 + 100, 16 * 4096 + 300);
    writeFileSync(path, holed);
    expect((await walked()).damage).toBe('hash');
    writtenUpTo(CHUNK - 200);
    expect(await walked()).toEqual({ entries: count(CHUNK - 200), damage: 'torn-tail' });
    writeFileSync(path, bytes);
    appendFileSync(path, Buffer.alloc(3 * CHUNK, 'x'));
    expect((await walked()).damage).toBe('line');
  });
});
