import { describe, expect, it } from 'vitest';
import { toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import { keyContext, PLAIN_TOKEN_ACCOUNT_RENT } from '../../../src/solana/key-context.js';
import { readMessage } from '../../../src/solana/read-message.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
  key,
  memo,
  systemTransfer,
  type TestInstruction,
} from '../../support/solana-build.js';

const K = key(1);
const OTHER = key(2);
const TO = key(3);
const context = keyContext({ key: K, assets: [], tables: new Map(), rent: PLAIN_TOKEN_ACCOUNT_RENT });

function assessed(version: 'legacy' | 0 | 1, signers: Pubkey[], instructions: TestInstruction[]) {
  return assess(readMessage(compile(version, signers, instructions)), context);
}

describe('assess', () => {
  for (const version of ['legacy', 0, 1] as const) {
    it(`counts a transfer with compute budget and memo in version ${String(version)}`, () => {
      const result = assessed(
        version,
        [K],
        [computeUnitLimit(10_000), computeUnitPrice(1_000_000n), systemTransfer(K, TO, 500n), memo('hello')],
      );
      expect(result.slot).toBe(0);
      expect(result.refusals).toEqual([]);
      expect(result.instructions.map((report) => report.name)).toEqual([
        'SetComputeUnitLimit',
        'SetComputeUnitPrice',
        'Transfer',
        'Memo',
      ]);
      expect(result.instructions.flatMap((report) => report.refusals)).toEqual([]);
      expect(result.instructions[2]?.debits).toEqual([
        { asset: { kind: 'sol' }, amount: 500n, reason: 'transfer', source: K, destination: TO, own: false },
      ]);
      expect(result.instructions[3]?.details).toEqual([['memo', 'hello']]);
    });
  }

  it('counts nothing for what others pay, and no fee when another pays it', () => {
    const result = assessed('legacy', [OTHER, K], [systemTransfer(OTHER, TO, 7n), systemTransfer(K, TO, 5n)]);
    expect(result.slot).toBe(1);
    expect(result.fee).toMatchObject({ payer: false, lamports: 0n });
    expect(result.instructions.map((report) => report.debits.map((debit) => debit.amount))).toEqual([
      [],
      [5n],
    ]);
  });

  it('refuses a transaction the key does not sign', () => {
    const result = assessed('legacy', [OTHER], [systemTransfer(OTHER, K, 7n)]);
    expect(result.slot).toBeNull();
    expect(result.refusals.map((failure) => failure.code)).toEqual(['NOT_A_SIGNER']);
  });

  it('I2: refuses an unknown program, opaque when the key is among its accounts', () => {
    const unknown = { program: key(99), accounts: [OTHER], data: Buffer.from([1]) };
    const result = assessed('legacy', [K], [unknown, { ...unknown, accounts: [OTHER, K] }]);
    expect(result.instructions.map((report) => report.refusals[0])).toMatchObject([
      { code: 'PROGRAM_NOT_ALLOWED', instruction: 0, program: toAddress(key(99)) },
      { code: 'OPAQUE_INSTRUCTION', instruction: 1, program: toAddress(key(99)) },
    ]);
  });
});
