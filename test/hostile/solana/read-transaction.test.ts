import { describe, expect, it } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import type { Pubkey } from '../../../src/core/pubkey.js';
import { readMessage } from '../../../src/solana/read-message.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import {
  compactU16,
  compile,
  encodeMessage,
  key,
  memo,
  systemTransfer,
  wire,
  type TestMessage,
} from '../../support/solana-build.js';

const K = key(1);
const TO = key(2);
const PROGRAM = key(9);

/** One signer, one other account, one program, one instruction. */
const plain: TestMessage = {
  version: 'legacy',
  accounts: [K, TO, PROGRAM],
  signatures: 1,
  readonlyUnsigned: 1,
  instructions: [{ program: 2, accounts: [0, 1], data: Buffer.from([7]) }],
};
const table = { table: key(50), writable: [1], readonly: [2] };

function refusal(bytes: Uint8Array): { code: string; offset: number | undefined; message: string } {
  try {
    readTransaction(bytes);
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    return { code: error.code, offset: error.failures[0]?.offset, message: error.failures[0]?.message ?? '' };
  }
  throw new Error('the bytes were accepted');
}

function ofMessage(message: TestMessage, signatures = message.signatures): Buffer {
  return wire(message.version, encodeMessage(message), signatures);
}

/** Bytes before the message: the count and one signature. */
const HEAD = 65;

describe('I2: bytes that are no transaction', () => {
  const valid = ofMessage(plain);
  it('accepts the message the cases below are made from', () => {
    expect(readTransaction(valid).message.instructions).toHaveLength(1);
  });

  const cases: readonly (readonly [string, () => Uint8Array, RegExp, number])[] = [
    ['nothing', () => Buffer.alloc(0), /empty/, 0],
    ['no signatures', () => Buffer.concat([Buffer.from([0]), valid.subarray(65)]), /0 signatures/, 0],
    [
      'an off-chain message',
      () => Buffer.from('\xffsolana offchain\x00\x00\x05\x00hello', 'latin1'),
      /255 sig/,
      0,
    ],
    ['a bare v0 message', () => encodeMessage({ ...plain, version: 0 }), /without the signatures/, 0],
    ['a v1 message without signatures', () => encodeMessage({ ...plain, version: 1 }), /left/, 42],
    ['signatures cut short', () => valid.subarray(0, 40), /cut short/, 40],
    [
      'a legacy message cut short',
      () => valid.subarray(0, valid.length - 1),
      /needs 1 bytes, 0 are left/,
      valid.length - 1,
    ],
    ['trailing bytes', () => Buffer.concat([valid, Buffer.from([0])]), /1 bytes follow/, valid.length],
    ['more than a packet', () => Buffer.concat([valid, Buffer.alloc(1300)]), /1232/, 1232],
    ['another number of signatures', () => ofMessage(plain, 2), /asks for 1 signatures, not 2/, 0],
    [
      'version 2',
      () => Buffer.concat([valid.subarray(0, 65), Buffer.from([0x82]), valid.subarray(65)]),
      /130/,
      65,
    ],
    ['a message without signers', () => ofMessage({ ...plain, signatures: 0 }, 1), /needs a signer/, HEAD],
    ['a readonly fee payer', () => ofMessage({ ...plain, readonlySigned: 1 }), /writable signer/, HEAD],
    [
      'a header beyond the accounts',
      () => ofMessage({ ...plain, readonlyUnsigned: 3 }),
      /header counts more/,
      68,
    ],
    [
      'a duplicate account',
      () => ofMessage({ ...plain, accounts: [K, K, PROGRAM] }),
      /stands twice/,
      HEAD + 4 + 32,
    ],
    [
      'a duplicate account in v0',
      () => ofMessage({ ...plain, version: 0, accounts: [K, PROGRAM, PROGRAM] }),
      /stands twice/,
      HEAD + 5 + 64,
    ],
    [
      'the fee payer as program',
      () => ofMessage({ ...plain, instructions: [{ program: 0, accounts: [], data: Buffer.alloc(0) }] }),
      /fee payer cannot/,
      HEAD + 4 + 96 + 32 + 1,
    ],
    [
      'a program beyond the static accounts',
      () =>
        ofMessage({
          ...plain,
          version: 0,
          lookups: [table],
          instructions: [{ program: 3, accounts: [], data: Buffer.alloc(0) }],
        }),
      /static account/,
      HEAD + 5 + 96 + 32 + 1,
    ],
    [
      'an account index beyond all accounts',
      () => ofMessage({ ...plain, instructions: [{ program: 2, accounts: [3], data: Buffer.alloc(0) }] }),
      /index 3 of 3/,
      HEAD + 4 + 96 + 32 + 1,
    ],
    [
      'an account index beyond the loaded accounts',
      () =>
        ofMessage({
          ...plain,
          version: 0,
          lookups: [table],
          instructions: [{ program: 2, accounts: [5], data: Buffer.alloc(0) }],
        }),
      /index 5 of 5/,
      HEAD + 5 + 96 + 32 + 1,
    ],
    [
      'a lookup without an index',
      () => ofMessage({ ...plain, version: 0, lookups: [{ table: key(50), writable: [], readonly: [] }] }),
      /without an index|do not fit/,
      HEAD + 5 + 96 + 32 + 1 + 6,
    ],
    [
      'a number of lookups that cannot fit',
      () => {
        const bytes = ofMessage({ ...plain, version: 0, lookups: [table] });
        bytes[HEAD + 5 + 96 + 32 + 1 + 6] = 9;
        return bytes;
      },
      /9 lookup tables do not fit/,
      HEAD + 5 + 96 + 32 + 1 + 6,
    ],
    [
      'a length that is not in its shortest form',
      () => {
        const message = encodeMessage(plain);
        const at = 3;
        return wire(
          'legacy',
          Buffer.concat([message.subarray(0, at), Buffer.from([0x83, 0]), message.subarray(at + 1)]),
          1,
        );
      },
      /shortest form/,
      HEAD + 3,
    ],
    [
      'a data length that is not in its shortest form',
      () => {
        const message = encodeMessage(plain);
        const at = message.length - 2;
        return wire(
          'legacy',
          Buffer.concat([message.subarray(0, at), Buffer.from([0x81, 0]), message.subarray(at + 1)]),
          1,
        );
      },
      /shortest form/,
      HEAD + 4 + 96 + 32 + 1 + 1 + 3,
    ],
    [
      'a claimed length of 65535 accounts',
      () => {
        const message = encodeMessage(plain);
        return wire(
          'legacy',
          Buffer.concat([message.subarray(0, 3), compactU16(65535), message.subarray(4)]),
          1,
        );
      },
      /65535 accounts, at most 256/,
      HEAD + 3,
    ],
    [
      'a claimed length of 200 accounts',
      () => {
        const message = encodeMessage(plain);
        return wire(
          'legacy',
          Buffer.concat([message.subarray(0, 3), compactU16(200), message.subarray(4)]),
          1,
        );
      },
      /needs 6400 bytes/,
      HEAD + 5,
    ],
    [
      '65 instructions',
      () =>
        wire('legacy', compile('legacy', [K], new Array(65).fill(memo('')) as ReturnType<typeof memo>[]), 1),
      /65 instructions, at most 64/,
      HEAD + 4 + 64 + 32,
    ],
    [
      'more than 256 accounts through tables',
      () =>
        ofMessage({
          ...plain,
          version: 0,
          lookups: [
            { table: key(50), writable: Array.from({ length: 254 }, (_, index) => index), readonly: [] },
          ],
        }),
      /more than 256 accounts/,
      HEAD + 5 + 96 + 32 + 1 + 6 + 1,
    ],
    [
      'a v1 message with signatures before it',
      () => wire('legacy', encodeMessage({ ...plain, version: 1 }), 1),
      /after it/,
      HEAD,
    ],
  ];
  for (const [name, bytes, message, offset] of cases) {
    it(name, () => {
      const found = refusal(bytes());
      expect(found.message).toMatch(message);
      expect(found).toMatchObject({ code: 'MALFORMED_TRANSACTION', offset });
    });
  }
});

describe('I2: bytes that are no v1 transaction', () => {
  const v1: TestMessage = { ...plain, version: 1, config: { computeUnitLimit: 1 } };
  const changed = (at: number, value: number): Buffer => {
    const bytes = ofMessage(v1);
    bytes[at] = value;
    return bytes;
  };
  const cases: readonly (readonly [string, () => Uint8Array, RegExp, number])[] = [
    ['an unknown config bit', () => changed(4, 0b10_0000), /unknown bits/, 4],
    ['a high config bit', () => changed(7, 0x80), /unknown bits/, 4],
    ['half a priority fee', () => changed(4, 0b1), /half of the priority fee/, 4],
    [
      'thirteen signers',
      () => {
        const accounts = Array.from({ length: 14 }, (_, index) => key(index + 1));
        return ofMessage({ ...v1, accounts, signatures: 13, readonlyUnsigned: 0, instructions: [] });
      },
      /13 signatures, at most 12/,
      1,
    ],
    [
      '65 accounts',
      () => {
        const accounts = Array.from({ length: 65 }, (_, index) => key(index + 1));
        return ofMessage({ ...v1, accounts, instructions: [] });
      },
      /65 accounts, at most 64/,
      41,
    ],
    [
      '65 instructions',
      () => {
        const instructions = Array.from({ length: 65 }, () => ({
          program: 2,
          accounts: [],
          data: Buffer.alloc(0),
        }));
        return ofMessage({ ...v1, instructions });
      },
      /65 instructions, at most 64/,
      40,
    ],
    ['a duplicate account', () => ofMessage({ ...v1, accounts: [K, TO, TO] }), /stands twice/, 42 + 64],
    ['more than 4096 bytes', () => Buffer.concat([ofMessage(v1), Buffer.alloc(4096)]), /4096/, 4096],
    ['a missing signature', () => ofMessage(v1, 0), /left/, 42],
    ['a signature too many', () => ofMessage(v1, 2), /64 bytes follow/, 149],
    [
      'an account index beyond the accounts',
      () => ofMessage({ ...v1, instructions: [{ program: 2, accounts: [3], data: Buffer.alloc(0) }] }),
      /index 3 of 3/,
      146,
    ],
    [
      'the fee payer as program',
      () => ofMessage({ ...v1, instructions: [{ program: 0, accounts: [], data: Buffer.alloc(0) }] }),
      /fee payer cannot/,
      142,
    ],
    [
      'a program beyond the accounts',
      () => ofMessage({ ...v1, instructions: [{ program: 3, accounts: [], data: Buffer.alloc(0) }] }),
      /static account/,
      142,
    ],
  ];
  for (const [name, bytes, message, offset] of cases) {
    it(name, () => {
      const found = refusal(bytes());
      expect(found.message).toMatch(message);
      expect(found).toMatchObject({ code: 'MALFORMED_TRANSACTION', offset });
    });
  }
});

describe('size', () => {
  const filled = (version: TestMessage['version'], dataLength: number): Buffer =>
    wire(
      version,
      encodeMessage({
        ...plain,
        version,
        ...(version === 1 ? { config: {} } : {}),
        instructions: [{ program: 2, accounts: [], data: Buffer.alloc(dataLength) }],
      }),
      1,
    );

  it('takes exactly 1232 bytes of legacy and v0, and 4096 of v1', () => {
    for (const [version, limit] of [
      ['legacy', 1232],
      [0, 1232],
      [1, 4096],
    ] as const) {
      const overhead = filled(version, 500).length - 500;
      expect(readTransaction(filled(version, limit - overhead)).bytes).toHaveLength(limit);
      expect(refusal(filled(version, limit - overhead + 1)).offset).toBe(limit);
    }
  });

  it('I1: a bare message that could belong to no transaction is refused', () => {
    const message = encodeMessage({
      ...plain,
      instructions: [{ program: 2, accounts: [], data: Buffer.alloc(1100) }],
    });
    expect(() => readMessage(message)).toThrow(/1232/);
  });

  it('every byte string of length up to 4097 of one byte is answered, not thrown about', () => {
    for (let byte = 0; byte < 256; byte += 5) {
      for (const length of [1, 2, 65, 66, 200, 1232, 4096, 4097]) {
        expect(refusal(Buffer.alloc(length, byte)).code).toBe('MALFORMED_TRANSACTION');
      }
    }
  });
});

describe('signature slots', () => {
  it('keeps foreign signatures where they are', () => {
    const message = compile('legacy', [K, TO], [systemTransfer(K, TO, 1n)]);
    const bytes = wire('legacy', message, 2);
    bytes.fill(0xee, 65, 129);
    const transaction = readTransaction(bytes);
    expect(transaction.signaturesOffset).toBe(1);
    expect(Buffer.from(transaction.message.bytes).equals(message)).toBe(true);
    expect(transaction.message.accounts).toEqual([K, TO, '0'.repeat(64) as Pubkey]);
  });
});
