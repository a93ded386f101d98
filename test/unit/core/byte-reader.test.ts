import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ReadError } from '../../../src/core/byte-reader.js';

function compact(...bytes: number[]): number {
  const reader = new ByteReader(Uint8Array.from(bytes));
  const value = reader.compactU16('n');
  reader.finish('n');
  return value;
}

/** The shortest form, by the definition. */
function encode(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >> 7;
    bytes.push((rest & 0x7f) | (more > 0 ? 0x80 : 0));
    rest = more;
  } while (rest > 0);
  return bytes;
}

describe('numbers', () => {
  it('are read in their byte order', () => {
    const bytes = Buffer.from('0102030405060708090a0b0c0d0e0f10111213', 'hex');
    const reader = new ByteReader(bytes);
    expect(reader.u8('a')).toBe(0x01);
    expect(reader.u16le('b')).toBe(0x0302);
    expect(reader.u32le('c')).toBe(0x07060504);
    expect(reader.u32be('d')).toBe(0x08090a0b);
    expect(reader.u64le('e')).toBe(0x131211100f0e0d0cn);
    expect(reader.remaining).toBe(0);
  });

  it('are unsigned', () => {
    expect(new ByteReader(Buffer.alloc(4, 0xff)).u32le('a')).toBe(0xffff_ffff);
    expect(new ByteReader(Buffer.alloc(8, 0xff)).u64le('a')).toBe(0xffff_ffff_ffff_ffffn);
  });
});

describe('bounds', () => {
  it.each<[string, number, (reader: ByteReader) => unknown]>([
    ['u8', 1, (reader) => reader.u8('x')],
    ['u16le', 2, (reader) => reader.u16le('x')],
    ['u32le', 4, (reader) => reader.u32le('x')],
    ['u32be', 4, (reader) => reader.u32be('x')],
    ['u64le', 8, (reader) => reader.u64le('x')],
    ['take', 5, (reader) => reader.take(5, 'x')],
  ])('%s needs its %i bytes and moves nowhere without them', (_name, length, read) => {
    const short = new ByteReader(Buffer.alloc(length - 1));
    expect(() => read(short)).toThrow(
      new ReadError(`x needs ${String(length)} bytes, ${String(length - 1)} are left`, 0),
    );
    expect(short.offset).toBe(0);
    const exact = new ByteReader(Buffer.alloc(length));
    read(exact);
    expect(exact.remaining).toBe(0);
  });

  it('end where the reader was told, inside a larger buffer', () => {
    const reader = new ByteReader(Buffer.from('00112233', 'hex'), 1, 3);
    expect(Buffer.from(reader.take(2, 'x')).toString('hex')).toBe('1122');
    expect(() => reader.u8('x')).toThrow(ReadError);
    reader.finish('x');
  });

  it('respect the offset of a view', () => {
    const view = new Uint8Array(Buffer.from('0011223344556677', 'hex')).subarray(2, 6);
    const reader = new ByteReader(view);
    expect(reader.u16le('x')).toBe(0x3322);
    expect(reader.remaining).toBe(2);
  });

  it('a claimed length beyond the input allocates nothing', () => {
    const reader = new ByteReader(Buffer.from('ffffffff', 'hex'));
    const length = reader.u32le('length');
    expect(() => reader.take(length, 'x')).toThrow('x needs 4294967295 bytes, 0 are left');
  });

  it('finish says how many bytes follow and where', () => {
    const reader = new ByteReader(Buffer.alloc(3));
    reader.u8('x');
    try {
      reader.finish('the x');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ReadError);
      expect(error).toMatchObject({ message: '2 bytes follow the x', offset: 1 });
    }
  });
});

describe('compact-u16', () => {
  it('reads every value in its shortest form', () => {
    const wrong = Array.from({ length: 0x10000 }, (_, value) => value).filter(
      (value) => compact(...encode(value)) !== value,
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    [[0x80, 0x00], 'n is not in its shortest form'],
    [[0xff, 0x00], 'n is not in its shortest form'],
    [[0x80, 0x80, 0x00], 'n is not in its shortest form'],
    [[0x80, 0x80, 0x04], 'n is above 65535'],
    [[0xff, 0xff, 0x7f], 'n is above 65535'],
    [[0x80, 0x80, 0x80], 'n is longer than 3 bytes'],
    [[0xff, 0xff, 0xff, 0x01], 'n is longer than 3 bytes'],
    [[0x80], 'n needs 1 bytes, 0 are left'],
    [[], 'n needs 1 bytes, 0 are left'],
  ])('refuses %j', (bytes, sentence) => {
    expect(() => compact(...bytes)).toThrow(ReadError);
    expect(() => compact(...bytes)).toThrow(sentence);
  });

  it('accepts no other encoding than the shortest, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), (bytes) => {
        try {
          expect(encode(compact(...bytes))).toEqual([...bytes]);
        } catch (error) {
          if (!(error instanceof ReadError)) throw error;
        }
      }),
    );
  });
});
