import { randomBytes } from 'node:crypto';
import { pubkeyAt, toAddress, type Pubkey } from '../../src/core/pubkey.js';
import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import {
  compile,
  encodeMessage,
  key,
  memo,
  systemTransfer,
  u64,
  wire,
  type TestInstruction,
} from '../support/solana-build.js';

/** Transactions of legal size for `signer` that ask as much as such a size can of decoding, assessing, deciding. */
export function worstInputs(signer: Pubkey): ReadonlyMap<string, Uint8Array> {
  const strangers = Array.from({ length: 62 }, () => pubkeyAt(randomBytes(32)));
  const to = (index: number): Pubkey => strangers[index % strangers.length] ?? signer;
  const v1 = (instructions: readonly TestInstruction[]): Buffer =>
    wire(1, compile(1, [signer], instructions, { config: { computeUnitLimit: 1_400_000 } }), 1);
  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const inner = Buffer.concat([Buffer.of(3, 9, 3), u64(1n)]);
  return new Map<string, Uint8Array>([
    ['v1: 64 transfers to strangers', v1(many(64, (index) => systemTransfer(signer, to(index), 1n)))],
    [
      'v1: 64 calls of unknown programs',
      v1(many(61, (index) => ({ program: to(index), accounts: [signer], data: Buffer.alloc(16) }))),
    ],
    [
      'v1: a Batch of 64 transfers',
      v1([
        {
          program: PROGRAM_IDS.token,
          accounts: many(64 * 3, (index) => (index % 3 === 2 ? signer : to(index))),
          data: Buffer.concat([Buffer.of(255), ...many(64, () => inner)]),
        },
      ]),
    ],
    [
      'v1: a Batch of more than it may hold',
      v1([
        {
          program: PROGRAM_IDS.token,
          accounts: [],
          data: Buffer.concat([Buffer.of(255), ...many(1200, () => Buffer.of(0, 1, 17))]),
        },
      ]),
    ],
    ['v1: 64 memos', v1(many(64, () => memo('x'.repeat(50))))],
    ['legacy: 300 instructions', wire('legacy', emptyCalls(signer, 300), 1)],
    [
      'v0: 250 accounts of unpinned tables',
      wire(
        0,
        loaded(signer, (table) => key(700 + table)),
        1,
      ),
    ],
    [
      'v0: 250 accounts of pinned tables',
      wire(
        0,
        loaded(signer, (table) => key(600 + table)),
        1,
      ),
    ],
    ['4,096 random bytes after a v1 header', Buffer.concat([Buffer.of(0x81, 1, 0, 1), randomBytes(4000)])],
  ]);
}

function emptyCalls(signer: Pubkey, count: number): Buffer {
  return encodeMessage({
    version: 'legacy',
    accounts: [signer, PROGRAM_IDS.system],
    signatures: 1,
    readonlyUnsigned: 1,
    instructions: Array.from({ length: count }, () => ({ program: 1, accounts: [], data: Buffer.alloc(0) })),
  });
}

const TABLES = 5;

/** By address, as a policy pins them: 256 accounts each. */
export const PINNED_TABLES: Readonly<Record<string, string[]>> = Object.fromEntries(
  Array.from({ length: TABLES }, (_, table) => [
    toAddress(key(600 + table)),
    Array.from({ length: 256 }, (_, index) => toAddress(key(10_000 + table * 256 + index))),
  ]),
);

function loaded(signer: Pubkey, table: (index: number) => Pubkey): Buffer {
  const tables = Array.from({ length: TABLES }, (_, index) => ({
    table: table(index),
    writable: Array.from({ length: 25 }, (_, index) => index),
    readonly: Array.from({ length: 25 }, (_, index) => 100 + index),
  }));
  return encodeMessage({
    version: 0,
    accounts: [signer, PROGRAM_IDS.system],
    signatures: 1,
    readonlyUnsigned: 1,
    lookups: tables,
    instructions: Array.from({ length: 36 }, (_, index) => ({
      program: 1,
      accounts: [0, 2 + index],
      data: Buffer.concat([Buffer.of(2, 0, 0, 0), u64(1n)]),
    })),
  });
}
