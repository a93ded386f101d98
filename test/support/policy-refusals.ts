import type { Failure } from '../../src/core/errors.js';
import type { AttestationView } from '../../src/policy/policy-state.js';
import type { Question } from '../../src/policy/verdict.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
  memo,
  systemTransfer,
  type TestInstruction,
} from './solana-build.js';
import { questionOf } from './policy-question.js';
import type { ListState } from './policy-state.js';
import { attestation, NOON } from './policy-state.js';
import { addressOf, AGENT, policyWith, pubkeyOf, type Yaml } from './policy-text.js';
import { SubjectState } from './policy-subjects.js';

/** One rule, a request it refuses, and the code of the refusal. */
export interface RefusalExample {
  readonly title: string;
  readonly rules: { readonly [key: string]: Yaml };
  readonly asked: string;
  readonly code: Failure['code'];
  readonly ask: () => { readonly question: Question; readonly state: ListState };
}

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const bob = addressOf('bob');
const carol = addressOf('carol');
const sol = (lamports: bigint, to = BOB): TestInstruction => systemTransfer(K, to, lamports);

interface Parts {
  readonly title: string;
  readonly rules: { readonly [key: string]: Yaml };
  readonly asked: string;
  readonly code: Failure['code'];
  readonly instructions?: readonly TestInstruction[];
  readonly attestation?: Partial<AttestationView>;
  readonly past?: (state: SubjectState) => void;
}

function example(parts: Parts): RefusalExample {
  const { title, rules, asked, code } = parts;
  const ask = () => {
    const state = new SubjectState(attestation(parts.attestation));
    parts.past?.(state);
    const message = compile('legacy', [K], parts.instructions ?? [sol(100_000_000n)]);
    return { question: questionOf(policyWith(rules), message), state };
  };
  return { title, rules, asked, code, ask };
}

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
    title: 'deny: it wins over what allows',
    rules: { destinations: 'any', deny: { accounts: [carol] } },
    asked: 'a transfer to a denied wallet',
    code: 'DESTINATION_NOT_ALLOWED',
    instructions: [sol(1n, pubkeyOf('carol'))],
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
    title: 'hours',
    rules: { hours: { zone: 'America/New_York', days: 'mon-fri', from: '09:30', to: '16:00' } },
    asked: 'a transfer at 8 o’clock in New York, in summer',
    code: 'OUTSIDE_HOURS',
  }),
  example({
    title: 'maxInstructions, maxSigners',
    rules: { maxInstructions: 2, maxSigners: 1 },
    asked: 'three transfers in one transaction',
    code: 'INSTRUCTION_NOT_ALLOWED',
    instructions: [sol(1n), sol(2n), sol(3n)],
  }),
  example({
    title: 'coSigners',
    rules: { coSigners: [carol] },
    asked: 'a transfer signed by the key alone',
    code: 'NOT_A_SIGNER',
  }),
  example({
    title: 'memo',
    rules: { memo: { startsWith: 'desk-7/' } },
    asked: 'a transfer without a memo',
    code: 'INSTRUCTION_NOT_ALLOWED',
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
