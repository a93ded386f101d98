import fc from 'fast-check';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseKeypair, readKeypairFile } from '../../../src/hsm/pkcs11/keypair-file.js';
import { thrown } from '../../support/thrown.js';

const directory = mkdtempSync(join(tmpdir(), 'chancery-keypair-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const numbers = Array.from({ length: 64 }, (_, index) => index * 4);
const parse = (text: string): number[] | null => {
  const parsed = parseKeypair(Buffer.from(text));
  return parsed === null ? null : [...parsed];
};

describe('a Solana keypair file', () => {
  it('is read as JSON reads it, with any blanks', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(
        fc.array(byte, { minLength: 64, maxLength: 64 }),
        fc.constantFrom(0, 1, 2),
        (bytes, indent) => {
          expect(parse(JSON.stringify(bytes, null, indent) + '\n')).toEqual(bytes);
        },
      ),
    );
  });

  it.each([
    ['63 numbers', JSON.stringify(numbers.slice(1))],
    ['65 numbers', JSON.stringify([...numbers, 1])],
    ['a number above 255', JSON.stringify([256, ...numbers.slice(1)])],
    ['a number of four digits', JSON.stringify([1000, ...numbers.slice(1)])],
    ['a negative number', JSON.stringify([-1, ...numbers.slice(1)])],
    ['a fraction', JSON.stringify([1.5, ...numbers.slice(1)])],
    ['a leading zero', `[00,${numbers.slice(1).join(',')}]`],
    ['text after the array', `${JSON.stringify(numbers)} x`],
    ['a second array', `${JSON.stringify(numbers)}[]`],
    ['a trailing comma', `[${numbers.join(',')},]`],
    ['an object', JSON.stringify({ numbers })],
    ['strings', JSON.stringify(numbers.map(String))],
    ['no end', `[${numbers.join(',')}`],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(parse(text)).toBeNull();
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const parsed = parseKeypair(bytes);
        expect(parsed === null || parsed.length === 64).toBe(true);
      }),
    );
  });

  it('must be a regular file that only its owner reads', () => {
    const path = join(directory, 'id.json');
    writeFileSync(path, JSON.stringify(numbers), { mode: 0o600 });
    expect([...readKeypairFile(path)]).toEqual(numbers);
    chmodSync(path, 0o644);
    expect(thrown(() => readKeypairFile(path)).code).toBe('PERMISSION_UNSAFE');
    chmodSync(path, 0o600);
    symlinkSync(path, join(directory, 'link.json'));
    expect(thrown(() => readKeypairFile(join(directory, 'link.json'))).code).toBe('FILE_UNREADABLE');
    expect(thrown(() => readKeypairFile(directory)).code).toBe('FILE_UNREADABLE');
    expect(thrown(() => readKeypairFile(join(directory, 'absent'))).code).toBe('FILE_UNREADABLE');
    writeFileSync(path, ' '.repeat(5000));
    expect(thrown(() => readKeypairFile(path))).toMatchObject({
      code: 'FILE_UNREADABLE',
      hint: 'give the file that `solana-keygen` wrote',
    });
  });
});
