import { parseAddress, toAddress, wellKnown, type Pubkey } from '../../src/core/pubkey.js';
import { deriveAssociatedTokenAccount } from '../../src/solana/derive.js';
import { NATIVE_MINT } from '../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import {
  computeUnitLimit,
  computeUnitPrice,
  encodeMessage,
  memo,
  systemTransfer,
  u32,
  u64,
  type TestInstruction,
} from './solana-build.js';
import { DECLARED, EXCHANGE_TEXT, PAY_TEXT } from './solana-declared.js';
import { NOON } from './policy-state.js';
import { addressOf, AGENT, pubkeyOf, USDC_MINT } from './policy-text.js';
import { example, type RefusalExample } from './policy-refusal.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const bob = addressOf('bob');
const carol = addressOf('carol');
const USDC = parseAddress(USDC_MINT)!;
const own = deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, USDC);
const exchange = {
  ...EXCHANGE_TEXT,
  instructions: [{ ...PAY_TEXT, bounds: [{ argument: 'amount', most: 1_000_000 }] }],
};
const pay = (from: Pubkey, amount: bigint): TestInstruction => ({
  program: DECLARED,
  accounts: [from, USDC, BOB, K],
  data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(6)]),
});
const sol = (lamports: bigint, to = BOB): TestInstruction => systemTransfer(K, to, lamports);

export const REFUSALS: readonly RefusalExample[] = [
  example({
    title: 'limits: the most of one transaction',
    rules: { limits: [{ asset: 'SOL', perTransaction: '0.5 SOL', window: '1h', max: '2 SOL' }] },
    asked: 'a transfer of 0.6 SOL',
    code: 'SPEND_LIMIT_EXCEEDED',
    instructions: [sol(600_000_000n)],
  }),
  example({
    title: 'limits: several windows of one asset',
    rules: {
      limits: [
        { asset: 'SOL', window: '1h', max: '2 SOL' },
        { asset: 'SOL', window: '24h', max: '5 SOL' },
      ],
    },
    asked: 'a transfer of 0.6 SOL when 1.9 SOL left twenty minutes ago',
    code: 'SPEND_LIMIT_EXCEEDED',
    instructions: [sol(600_000_000n)],
    past: (state) => {
      state.spend('SOL', 1_900_000_000n, NOON - 1_200_000);
    },
  }),
  example({
    title: 'limits: an asset without one',
    rules: { limits: [{ asset: 'USDC', window: '24h', max: '10000 USDC' }] },
    asked: 'a transfer of 0.1 SOL',
    code: 'ASSET_NOT_ALLOWED',
  }),
  example({
    title: 'limits.destination: one destination, with its token accounts',
    rules: {
      destinations: [bob, carol],
      limits: [
        { asset: 'SOL', window: '24h', max: '10 SOL' },
        { asset: 'SOL', window: '7d', max: '1 SOL', destination: bob },
      ],
    },
    asked: 'a transfer of 0.1 SOL to its wallet, when its wrapped SOL account received 0.95 SOL two days ago',
    code: 'SPEND_LIMIT_EXCEEDED',
    past: (state) => {
      const wrapped = toAddress(deriveAssociatedTokenAccount(BOB, PROGRAM_IDS.token, NATIVE_MINT));
      state.spendBy(wrapped, 'SOL', 950_000_000n, NOON - 172_800_000);
    },
  }),
  example({
    title: 'limits.destination: each destination for itself',
    rules: {
      destinations: [bob, carol],
      limits: [
        { asset: 'SOL', window: '24h', max: '10 SOL' },
        { asset: 'SOL', window: '24h', max: '1 SOL', destination: 'each' },
      ],
    },
    asked: 'a transfer of 0.1 SOL to a wallet that received 0.95 SOL two hours ago',
    code: 'SPEND_LIMIT_EXCEEDED',
    past: (state) => {
      state.spendBy(bob, 'SOL', 950_000_000n, NOON - 7_200_000);
    },
  }),
  example({
    title: 'limits.workload: each workload for itself',
    rules: {
      limits: [
        { asset: 'SOL', window: '24h', max: '10 SOL' },
        { asset: 'SOL', window: '1h', max: '0.5 SOL', workload: 'each' },
      ],
    },
    asked: 'a transfer of 0.1 SOL by a workload that spent 0.45 SOL half an hour ago',
    code: 'SPEND_LIMIT_EXCEEDED',
    past: (state) => {
      state.spendBy(AGENT, 'SOL', 450_000_000n, NOON - 1_800_000);
    },
  }),
  example({
    title: 'limits.workload: one workload',
    rules: {
      limits: [
        { asset: 'SOL', window: '24h', max: '10 SOL' },
        { asset: 'SOL', window: '10m', max: '0.2 SOL', workload: AGENT },
      ],
    },
    asked: 'a transfer of 0.1 SOL by that workload, which spent 0.15 SOL five minutes ago',
    code: 'SPEND_LIMIT_EXCEEDED',
    past: (state) => {
      state.spendBy(AGENT, 'SOL', 150_000_000n, NOON - 300_000);
    },
  }),
  example({
    title: 'assets: a mint is a program and an address',
    rules: { programs: ['system', 'token-2022'], destinations: 'any' },
    asked: 'a transfer of the mint of USDC under Token-2022, when it is declared under Token',
    code: 'ASSET_NOT_ALLOWED',
    instructions: [
      {
        program: PROGRAM_IDS['token-2022'],
        accounts: [deriveAssociatedTokenAccount(K, PROGRAM_IDS['token-2022'], USDC), USDC, BOB, K],
        data: Buffer.concat([Buffer.of(12), u64(1n), Buffer.of(6)]),
      },
    ],
  }),
  example({
    title: 'ownAccounts: counted',
    rules: {
      ownAccounts: 'counted',
      limits: [{ asset: 'SOL', perTransaction: '0.5 SOL', window: '1h', max: '2 SOL' }],
    },
    asked: 'a transfer of 0.6 SOL to the wrapped SOL account of the key itself',
    code: 'SPEND_LIMIT_EXCEEDED',
    instructions: [sol(600_000_000n, deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, NATIVE_MINT))],
  }),
  example({
    title: 'fee',
    rules: { fee: { perTransaction: '0.001 SOL' } },
    asked: 'a transfer with a price of 1,000,000 micro-lamports for 1,400,000 compute units',
    code: 'FEE_LIMIT_EXCEEDED',
    instructions: [computeUnitLimit(1_400_000), computeUnitPrice(1_000_000n), sol(1n)],
  }),
  example({
    title: 'programs',
    rules: { programs: ['system', 'compute-budget'] },
    asked: 'a transfer with a memo',
    code: 'PROGRAM_NOT_ALLOWED',
    instructions: [sol(1n), memo('invoice 7')],
  }),
  example({
    title: 'destinations',
    rules: { destinations: [bob] },
    asked: 'a transfer to somebody else',
    code: 'DESTINATION_NOT_ALLOWED',
    instructions: [sol(1n, pubkeyOf('carol'))],
  }),
  example({
    title: 'destinations: with lookup tables',
    rules: { destinations: [bob] },
    asked: 'a transfer to an account behind a lookup table that is not pinned',
    code: 'UNRESOLVED_LOOKUP',
    message: encodeMessage({
      version: 0,
      accounts: [K, PROGRAM_IDS.system],
      signatures: 1,
      readonlyUnsigned: 1,
      instructions: [{ program: 1, accounts: [0, 2], data: Buffer.concat([u32(2), u64(1n)]) }],
      lookups: [{ table: pubkeyOf('table'), writable: [0], readonly: [] }],
    }),
  }),
  example({
    title: 'programs: a declared program, and an account in another role',
    rules: { programs: ['exchange'] },
    asked: 'a call that pays from an account which is not the key’s own',
    code: 'INSTRUCTION_NOT_ALLOWED',
    site: { programs: { exchange } },
    instructions: [pay(pubkeyOf('carol'), 1n)],
  }),
  example({
    title: 'programs: a declared program, and a bound on an argument',
    rules: { programs: ['exchange'] },
    asked: 'a call with an amount of 1,000,001',
    code: 'INSTRUCTION_NOT_ALLOWED',
    site: { programs: { exchange } },
    instructions: [pay(own, 1_000_001n)],
  }),
  example({
    title: 'stake',
    rules: { programs: ['system', 'stake'], stake: ['Withdraw'] },
    asked: 'a Deactivate of a stake account',
    code: 'INSTRUCTION_NOT_ALLOWED',
    instructions: [
      {
        program: PROGRAM_IDS.stake,
        accounts: [pubkeyOf('stake'), wellKnown('SysvarC1ock11111111111111111111111111111111'), K],
        data: u32(5),
      },
    ],
  }),
  example({
    title: 'deny: it wins over what allows',
    rules: { destinations: 'any', deny: { accounts: [carol] } },
    asked: 'a transfer to a denied wallet',
    code: 'DESTINATION_NOT_ALLOWED',
    instructions: [sol(1n, pubkeyOf('carol'))],
  }),
  example({
    title: 'deny.programs',
    rules: { programs: ['system', 'memo'], deny: { programs: ['memo'] } },
    asked: 'a transfer with a memo',
    code: 'PROGRAM_NOT_ALLOWED',
    instructions: [sol(1n), memo('invoice 7')],
  }),
  example({
    title: 'rate',
    rules: {
      rate: [
        { max: 10, window: '1m' },
        { max: 200, window: '1h' },
      ],
    },
    asked: 'an eleventh transaction within a minute',
    code: 'RATE_LIMITED',
    past: (state) => {
      for (let second = 1; second <= 10; second++) state.spend('transactions', 1n, NOON - second * 5000);
    },
  }),
  example({
    title: 'rate.workload: each workload for itself',
    rules: {
      rate: [
        { max: 100, window: '1m' },
        { max: 2, window: '1m', workload: 'each' },
      ],
    },
    asked: 'a third transaction of one workload within a minute',
    code: 'RATE_LIMITED',
    past: (state) => {
      for (const second of [10, 20]) state.spendBy(AGENT, 'transactions', 1n, NOON - second * 1000);
    },
  }),
  example({
    title: 'hours',
    rules: { hours: { zone: 'America/New_York', days: 'mon-fri', from: '09:30', to: '16:00' } },
    asked: 'a transfer at 8 o’clock in New York, in summer',
    code: 'OUTSIDE_HOURS',
  }),
  example({
    title: 'maxInstructions',
    rules: { maxInstructions: 2 },
    asked: 'three transfers in one transaction',
    code: 'INSTRUCTION_NOT_ALLOWED',
    instructions: [sol(1n), sol(2n), sol(3n)],
  }),
  example({
    title: 'maxSigners',
    rules: { maxSigners: 1 },
    asked: 'a transfer that somebody else must sign too',
    code: 'INSTRUCTION_NOT_ALLOWED',
    instructions: [sol(1n)],
    signers: [K, pubkeyOf('carol')],
  }),
  example({
    title: 'coSigners',
    rules: { coSigners: [carol] },
    asked: 'a transfer signed by the key alone',
    code: 'NOT_A_SIGNER',
  }),
  example({
    title: 'memo: any',
    rules: { memo: 'required' },
    asked: 'a transfer without a memo',
    code: 'INSTRUCTION_NOT_ALLOWED',
  }),
  example({
    title: 'memo: one that begins so',
    rules: { memo: { startsWith: 'desk-7/' } },
    asked: 'a transfer with the memo desk-70/1',
    code: 'INSTRUCTION_NOT_ALLOWED',
    instructions: [sol(1n), memo('desk-70/1')],
  }),
  example({
    title: 'workloads',
    rules: { workloads: [] },
    asked: 'a transfer by a workload that is not listed',
    code: 'KEY_NOT_GRANTED',
  }),
  example({
    title: 'attestation.maxAge',
    rules: { attestation: { maxAge: '10m' } },
    asked: 'a transfer on the word of an attestation issued a quarter of an hour ago',
    code: 'ATTESTATION_STALE',
    attestation: { issuedAt: NOON - 900_000 },
  }),
  example({
    title: 'attestation.challenge',
    rules: { attestation: { challenge: 'required' } },
    asked: 'a transfer on the word of an attestation that names no head of the ledger',
    code: 'ATTESTATION_REQUIRED',
  }),
  example({
    title: 'attestation.possession',
    rules: { attestation: { possession: 'required' } },
    asked: 'a transfer on the word of an attestation that names no possession key',
    code: 'POSSESSION_REQUIRED',
  }),
];
