import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/core/errors.js';
import { pubkeyBytes, toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import {
  compile,
  encodeMessage,
  key as stranger,
  memo,
  systemTransfer,
  u32,
  u64,
  type TestInstruction,
} from '../../support/solana-build.js';
import { DECLARED, EXCHANGE_TEXT, IDL_BYTES } from '../../support/solana-declared.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import {
  addressOf,
  ledgerKeyText,
  policyBytes,
  pubkeyOf,
  USDC_MINT,
  walletText,
} from '../../support/policy-text.js';

/** Whatever else allows it, and however it is brought in: what is denied for a key is refused. */

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const CAROL = pubkeyOf('carol');
const TABLE = pubkeyOf('table');
const EURC = stranger(9002);
const { token, 'token-2022': token2022 } = PROGRAM_IDS;

function policyOf(denied: readonly string[]) {
  const policy = parsePolicy(
    policyBytes({
      assets: {
        USDC: { mint: USDC_MINT, program: 'token', decimals: 6 },
        EURC: { mint: toAddress(EURC), program: 'token-2022', decimals: 6 },
      },
      tables: { [toAddress(TABLE)]: [addressOf('carol'), addressOf('bob')] },
      programs: {
        exchange: EXCHANGE_TEXT,
      },
      keys: [
        walletText({
          limits: ['SOL', 'USDC', 'EURC'].map((asset) => ({ asset, window: '24h', max: `5 ${asset}` })),
          programs: ['system', 'token', 'token-2022', 'associated-token', 'memo', 'exchange'],
          destinations: 'any',
          deny: { accounts: denied },
        }),
        ledgerKeyText(),
      ],
    }),
    { blob: () => IDL_BYTES },
  );
  return { policy, key: policy.keys.get('trading-1')! };
}

const DENYING = policyOf([addressOf('carol')]);
const ALLOWING = policyOf([]);

function failures(message: Uint8Array, use = DENYING): readonly Failure[] {
  const verdict = decide(questionOf(use, message), new ListState(attestation()));
  return verdict.decision === 'deny' ? verdict.failures : [];
}

const ata = (wallet: Pubkey, program: Pubkey, mint: Pubkey): Pubkey =>
  deriveAssociatedTokenAccount(wallet, program, mint);
const usdc = DENYING.policy.assets.get('USDC')!.token!.mint;

function transfer(program: Pubkey, mint: Pubkey, to: Pubkey): TestInstruction {
  const data = Buffer.concat([Buffer.of(12), u64(1n), Buffer.of(6)]);
  return { program, accounts: [ata(K, program, mint), mint, to, K], data };
}
const create = (wallet: Pubkey, program: Pubkey, mint: Pubkey): TestInstruction => ({
  program: PROGRAM_IDS['associated-token'],
  accounts: [K, ata(wallet, program, mint), wallet, mint, PROGRAM_IDS.system, program],
  data: Buffer.of(1),
});
const pay = (accounts: readonly Pubkey[]): TestInstruction => ({
  program: DECLARED,
  accounts,
  data: Buffer.concat([Buffer.of(12), u64(1n), Buffer.of(6)]),
});
const own = ata(K, token, usdc);

/** Opens an account with the key's lamports that belongs to carol, whom only the data names. */
const openedFor = (owner: Pubkey): TestInstruction[] => [
  {
    program: PROGRAM_IDS.system,
    accounts: [K, stranger(9003)],
    data: Buffer.concat([u32(0), u64(3_000_000n), u64(165n), pubkeyBytes(token)]),
  },
  {
    program: token,
    accounts: [stranger(9003), NATIVE_MINT],
    data: Buffer.concat([Buffer.of(18), pubkeyBytes(owner)]),
  },
];

describe('a denied wallet', () => {
  it.each<[string, readonly TestInstruction[], readonly Pubkey[]]>([
    ['as receiver of SOL', [systemTransfer(K, CAROL, 1n)], [K]],
    ['by its wrapped SOL account', [systemTransfer(K, ata(CAROL, token, NATIVE_MINT), 1n)], [K]],
    ['by its account of a Token mint', [transfer(token, usdc, ata(CAROL, token, usdc))], [K]],
    ['by its account of a Token-2022 mint', [transfer(token2022, EURC, ata(CAROL, token2022, EURC))], [K]],
    ['as owner of an account that is made for it', [create(CAROL, token, usdc)], [K]],
    ['as owner of a Token-2022 account', [create(CAROL, token2022, EURC)], [K]],
    ['as fee payer', [systemTransfer(K, BOB, 1n)], [CAROL, K]],
    ['as a reference of a transfer', [{ ...systemTransfer(K, BOB, 1n), accounts: [K, BOB, CAROL] }], [K]],
    ['as destination of a declared program', [pay([own, usdc, CAROL, K])], [K]],
    ['in any other role of a declared program', [pay([own, CAROL, BOB, K])], [K]],
    ['by its token account in a declared program', [pay([own, usdc, ata(CAROL, token, usdc), K])], [K]],
    ['as owner, in the data, of what the key opens', openedFor(CAROL), [K, stranger(9003)]],
    ['as a memo of its bytes', [{ ...memo(''), data: pubkeyBytes(CAROL) }], [K]],
  ])('is refused %s', (_how, instructions, signers) => {
    const message = compile('legacy', signers, instructions);
    expect(failures(message)).toContainEqual(
      expect.objectContaining({
        code: 'DESTINATION_NOT_ALLOWED',
        rule: 'keys.trading-1.deny.accounts',
      }),
    );
    expect(failures(message, ALLOWING).filter(({ rule }) => rule?.includes('deny'))).toEqual([]);
  });

  it('does not hinder others', () => {
    expect(failures(compile('legacy', [K], [systemTransfer(K, BOB, 1n)]))).toEqual([]);
    expect(failures(compile('legacy', [K, stranger(9003)], openedFor(BOB)))).toEqual([]);
  });

  it('is found through a lookup table whose contents are pinned', () => {
    const through = (index: number): Buffer =>
      encodeMessage({
        version: 0,
        accounts: [K, PROGRAM_IDS.system],
        signatures: 1,
        readonlyUnsigned: 1,
        instructions: [{ program: 1, accounts: [0, 2], data: Buffer.concat([u32(2), u64(1n)]) }],
        lookups: [{ table: TABLE, writable: [index], readonly: [] }],
      });
    expect(failures(through(0))).toMatchObject([{ destination: addressOf('carol') }]);
    expect(failures(through(1))).toEqual([]);
    expect(failures(through(1), policyOf([toAddress(TABLE)]))).toMatchObject([
      { destination: toAddress(TABLE), rule: 'keys.trading-1.deny.accounts' },
    ]);
  });

  it('may be an account of the key itself, which is then not touched', () => {
    const denying = policyOf([toAddress(ata(K, token, NATIVE_MINT))]);
    const wrap = compile('legacy', [K], [systemTransfer(K, ata(K, token, NATIVE_MINT), 1n)]);
    expect(failures(wrap, denying)).toMatchObject([{ rule: 'keys.trading-1.deny.accounts' }]);
    expect(failures(wrap)).toEqual([]);
  });
});
