import type { Pubkey } from '../../src/core/pubkey.js';
import { encodeMessage, key, wire, type TestMessage } from './solana-build.js';

const K = key(1);
const plain: TestMessage = {
  version: 'legacy',
  accounts: [K, key(2), key(9)],
  signatures: 1,
  readonlyUnsigned: 1,
  instructions: [{ program: 2, accounts: [0, 1], data: Buffer.of(7) }],
};
const ofMessage = (change: Partial<TestMessage>, signatures?: number): Buffer => {
  const message = { ...plain, ...change };
  return wire(message.version, encodeMessage(message), signatures ?? message.signatures);
};
const accountsUpTo = (count: number): Pubkey[] => Array.from({ length: count }, (_, index) => key(index + 1));
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const memos = (count: number): TestMessage['instructions'] =>
  range(count).map(() => ({ program: 2, accounts: [], data: Buffer.alloc(0) }));
/** Replaces the byte at `at` of the legacy message, after one signature, by others. */
const spliced = (at: number, bytes: Uint8Array): Buffer => {
  const message = encodeMessage(plain);
  return wire('legacy', Buffer.concat([message.subarray(0, at), bytes, message.subarray(at + 1)]), 1);
};

const withMask = (mask: number): Buffer => {
  const bytes = ofMessage({ version: 1 });
  bytes[4] = mask;
  return bytes;
};

/**
 * Why Chancery refuses what a decoder of the SDKs reads, with bytes that at least one of them reads and Chancery
 * refuses for this reason. Any other reason fails the test, and so does a reason that nothing shows.
 */
export const STRICTER: readonly (readonly [RegExp, string, () => Uint8Array])[] = [
  [
    /bytes follow/,
    'decoders ignore trailing bytes, the chain and a hash do not',
    () => Buffer.concat([ofMessage({}), Buffer.of(0)]),
  ],
  [
    /shortest form/,
    'compact-u16 in a longer form: the chain rejects it',
    () => spliced(3, Buffer.of(0x83, 0)),
  ],
  [
    /stands twice/,
    'an account listed twice: the chain rejects it, decoders keep both',
    () => ofMessage({ accounts: [K, K, key(9)] }),
  ],
  [/fee payer must be a writable signer/, 'a readonly payer', () => ofMessage({ readonlySigned: 1 })],
  [/needs a signer/, 'nobody who signs', () => ofMessage({ version: 1, signatures: 0 })],
  [/header counts more/, 'a header of more accounts', () => ofMessage({ readonlyUnsigned: 3 })],
  [
    /fee payer cannot be a program/,
    'a program that pays',
    () => ofMessage({ instructions: [{ program: 0, accounts: [], data: Buffer.alloc(0) }] }),
  ],
  [
    /not that of a static account/,
    'a program that is loaded',
    () =>
      ofMessage({
        version: 0,
        instructions: [{ program: 3, accounts: [], data: Buffer.alloc(0) }],
        lookups: [{ table: key(50), writable: [0], readonly: [] }],
      }),
  ],
  [
    /account index \d+ of \d+/,
    'indices beyond the accounts',
    () => ofMessage({ instructions: [{ program: 2, accounts: [3], data: Buffer.alloc(0) }] }),
  ],
  [
    /account index \d+ of \d+/,
    'indices beyond the accounts, in v1',
    () => ofMessage({ version: 1, instructions: [{ program: 2, accounts: [3], data: Buffer.alloc(0) }] }),
  ],
  [
    /without an index/,
    'a lookup of nothing',
    () =>
      ofMessage({
        version: 0,
        lookups: [
          { table: key(50), writable: [], readonly: [] },
          { table: key(51), writable: [1, 2, 3], readonly: [] },
        ],
      }),
  ],
  [
    /more than 256 accounts/,
    'more accounts than an index can name',
    () => ofMessage({ version: 0, lookups: [{ table: key(50), writable: range(254), readonly: [] }] }),
  ],
  [
    /at most 1232/,
    'sizes no packet carries',
    () => ofMessage({ instructions: [{ program: 2, accounts: [], data: Buffer.alloc(1200) }] }),
  ],
  [
    /has at most 4096/,
    'sizes no packet of v1 carries',
    () => ofMessage({ version: 1, instructions: [{ program: 2, accounts: [], data: Buffer.alloc(4000) }] }),
  ],
  [/unknown bits/, 'config bits nobody knows yet', () => withMask(0b10_0000)],
  [
    /at most 12/,
    'more signers than v1 has',
    () => ofMessage({ version: 1, accounts: accountsUpTo(20), signatures: 13 }),
  ],
  [
    /accounts, at most 64/,
    'more accounts than v1 has',
    () => ofMessage({ version: 1, accounts: accountsUpTo(65) }),
  ],
  [
    /instructions, at most 64/,
    'more instructions than v1 has',
    () => ofMessage({ version: 1, instructions: memos(65) }),
  ],
  [
    /instructions, at most 64/,
    'more instructions than the chain takes',
    () => ofMessage({ instructions: memos(65) }),
  ],
  [
    /signatures after it/,
    'a v1 message in the old envelope',
    () => wire('legacy', encodeMessage({ ...plain, version: 1 }), 1),
  ],
  [
    /cut short|are left|do not fit/,
    'an end that comes too early, which decoders take for an empty list',
    () => ofMessage({ version: 0 }).subarray(0, -1),
  ],
];
