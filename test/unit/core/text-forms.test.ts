import { inspect } from 'node:util';
import bs58 from 'bs58';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, parseAmount, toBaseUnits } from '../../../src/core/amount.js';
import { decodeBase58, encodeBase58 } from '../../../src/core/base58.js';
import { decodeBase64, encodeBase64 } from '../../../src/core/base64.js';
import { formatTime, parseTime } from '../../../src/core/clock.js';
import { formatDuration, parseDuration } from '../../../src/core/duration.js';
import { parseAddress, pubkeyAt, pubkeyBytes, toAddress, wellKnown } from '../../../src/core/pubkey.js';
import { Secret } from '../../../src/core/secret.js';
import { isSignerName, originName, originOf } from '../../../src/core/origin.js';

describe('amounts', () => {
  const units = (text: string, decimals: number): bigint | null => {
    const amount = parseAmount(text);
    return amount === null ? null : toBaseUnits(amount, decimals);
  };

  it.each([
    ['0.5 SOL', 9, 500_000_000n],
    ['0.000000001 SOL', 9, 1n],
    ['18446744073.709551615 SOL', 9, 18_446_744_073_709_551_615n],
    ['10000 USDC', 6, 10_000_000_000n],
    ['7 NFT', 0, 7n],
    ['0 SOL', 9, 0n],
    ['1.10 SOL', 9, 1_100_000_000n],
  ])('%s with %i decimals is %s base units', (text, decimals, expected) => {
    expect(units(text, decimals)).toBe(expected);
  });

  it.each([
    ['0.0000000001 SOL', 9, 'finer than a base unit'],
    ['18446744073.709551616 SOL', 9, 'above u64'],
    ['0.5 NFT', 0, 'a fraction of what has none'],
  ])('%s with %i decimals is refused: %s', (text, decimals) => {
    expect(units(text, decimals)).toBeNull();
  });

  it.each([
    '',
    '1',
    'SOL',
    '1SOL',
    '1  SOL',
    ' 1 SOL',
    '1 SOL ',
    '1 SOL\n',
    '-1 SOL',
    '+1 SOL',
    '01 SOL',
    '1. SOL',
    '.5 SOL',
    '1,5 SOL',
    '1_000 SOL',
    '1e9 SOL',
    '0x1 SOL',
    '١ SOL',
    '1 $',
    '1 S OL',
    '999999999999999999999 SOL',
  ])('%j is no amount', (text) => {
    expect(parseAmount(text)).toBeNull();
  });

  it('formatted and parsed again is the same number', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.integer({ min: 0, max: 19 }), (value, decimals) => {
        expect(units(formatAmount(value, decimals, 'X'), decimals)).toBe(value);
      }),
    );
    expect(formatAmount(1_500_000_000n, 9, 'SOL')).toBe('1.5 SOL');
    expect(formatAmount(1n, 9, 'SOL')).toBe('0.000000001 SOL');
    expect(formatAmount(0n, 0, 'NFT')).toBe('0 NFT');
  });
});

describe('base64', () => {
  it('decodes what it encodes, from a view too', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const padded = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(3)]);
        const view = padded.subarray(3, 3 + bytes.length);
        expect(decodeBase64(encodeBase64(view))?.equals(bytes)).toBe(true);
      }),
    );
  });
  it.each([
    'A',
    'AA',
    'AAA',
    'AA=',
    'AA==\n',
    'AB==',
    'AAB=',
    'AA-_',
    'A A=',
    '====',
    'AAAA====',
    'AA==AAAA',
    '\u0141AAA',
  ])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeNull();
  });
});

describe('base58 and keys', () => {
  it('a key survives hex and base58', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const address = bs58.encode(bytes);
        const pubkey = parseAddress(address);
        expect(pubkey).toBe(Buffer.from(bytes).toString('hex'));
        expect(toAddress(pubkey!)).toBe(address);
        expect(Buffer.from(pubkeyBytes(pubkey!)).equals(bytes)).toBe(true);
      }),
    );
  });
  it('bytes of any length and any leading zeros have the base58 of the library', () => {
    const bytes = fc
      .tuple(fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 96 }))
      .map(([zeros, rest]) => Uint8Array.from([...new Uint8Array(zeros), ...rest]));
    fc.assert(
      fc.property(bytes, (each) => {
        expect(encodeBase58(each)).toBe(bs58.encode(each));
      }),
      { examples: [[new Uint8Array()], [new Uint8Array(64).fill(255)], [Uint8Array.of(1, 0, 0, 0)]] },
    );
  });
  it('the system program is 32 ones and nothing else', () => {
    expect(parseAddress('1'.repeat(32))).toBe('00'.repeat(32));
    expect(parseAddress('1'.repeat(31))).toBeNull();
    expect(parseAddress('1'.repeat(33))).toBeNull();
  });
  it.each([
    '',
    '0OIl'.repeat(8),
    `${'1'.repeat(32)}\n`,
    ` ${'1'.repeat(32)}`,
    'z'.repeat(44),
    'z'.repeat(100_000),
  ])('refuses %.50j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
  it('reads at an offset of a view', () => {
    const bytes = Buffer.concat([Buffer.alloc(5, 1), Buffer.alloc(32, 2)]).subarray(2);
    expect(pubkeyAt(bytes, 3)).toBe('02'.repeat(32));
  });
  it('a wrong constant in our own source throws', () => {
    expect(() => wellKnown('1111')).toThrow(TypeError);
  });
  it('signatures survive, and long text costs nothing', () => {
    const signature = Buffer.alloc(64, 0xff);
    expect(decodeBase58(encodeBase58(signature))).toEqual(new Uint8Array(signature));
    expect(decodeBase58('z'.repeat(91))).toBeNull();
    expect(decodeBase58('0')).toBeNull();
  });
});

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['3650d', 315_360_000_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
  it.each([
    '',
    '0s',
    '01s',
    '1',
    's',
    '1w',
    '1 h',
    '1.5h',
    '-1h',
    '1h30m',
    '1H',
    '3651d',
    '9999999999s',
    '1h\n',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
  it('formatted and parsed again is the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 315_360_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
    expect(formatDuration(3_600_000)).toBe('1h');
    expect(formatDuration(90_000)).toBe('90s');
  });
});

describe('times', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-11-22T12:00:00.5Z', Date.UTC(2026, 10, 22, 12) + 500],
    ['2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
  ])('%s is %i', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });
  it.each([
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T12:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-11-22T12:00:00',
    '2026-11-22T12:00:00+00:00',
    '2026-11-22T12:00:00z',
    '2026-11-22 12:00:00Z',
    '2026-11-22T12:00Z',
    '2026-11-22T12:00:00.1234Z',
    '2026-11-22T12:00:00Z\n',
    '+002026-11-22T12:00:00Z',
    '',
  ])('%j is none', (text) => {
    expect(parseTime(text)).toBeNull();
  });
  it('what is written is read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
        expect(parseTime(formatTime(ms))).toBe(ms);
      }),
    );
  });
});

describe('secrets', () => {
  it('I9: show nowhere but where they are revealed', () => {
    const secret = new Secret('1234');
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      Object.keys(secret).join(),
      JSON.stringify(structuredClone(secret)),
      new Error(`pin ${secret.toString()}`).message,
    ];
    for (const text of shown) expect(text).not.toContain('1234');
    expect(secret.reveal()).toBe('1234');
  });
});

describe('origins', () => {
  it('are made from a name and the ledger key', () => {
    const origin = originOf('demo', Buffer.alloc(32, 1));
    expect(origin).toBe('chancery.local/demo/72cd6e8422c407fb');
    expect(originName(origin)).toBe('demo');
  });
  it.each([
    '',
    'demo',
    'chancery.local/demo',
    'chancery.local/Demo/72cd6e8422c407fb',
    'chancery.local/-a/72cd6e8422c407fb',
  ])('%j is none', (text) => {
    expect(originName(text)).toBeNull();
  });
  it('names are short, lower case, with inner dashes', () => {
    expect(['a', 'demo-1', 'a'.repeat(32)].every(isSignerName)).toBe(true);
    expect(['', 'A', '-a', 'a-', 'a_b', 'a'.repeat(33), 'a\n'].some(isSignerName)).toBe(false);
  });
});
