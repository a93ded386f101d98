import type { WireCode } from '../../src/core/errors.js';
import type { AttestationView, PolicyState } from '../../src/policy/policy-state.js';
import type { Question } from '../../src/policy/verdict.js';
import { questionOf } from './policy-question.js';
import { attestation, ListState, NOON } from './policy-state.js';
import { policyWith, pubkeyOf, type Yaml } from './policy-text.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
  key,
  memo,
  systemTransfer,
  type TestInstruction,
} from './solana-build.js';

/** A transaction whose explanation is kept as text; `code` names the refusal, absent when it is allowed. */
export interface Explained {
  readonly name: string;
  readonly code?: WireCode;
  readonly ask: () => { readonly question: Question; readonly state: PolicyState };
}

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');

interface Parts {
  readonly code?: WireCode;
  readonly rules?: { readonly [key: string]: Yaml };
  readonly instructions: readonly TestInstruction[];
  readonly signers?: readonly ReturnType<typeof key>[];
  readonly attestation?: Partial<AttestationView>;
  readonly past?: (state: ListState) => void;
}

function example(name: string, parts: Parts): Explained {
  const { code, rules = {}, instructions, signers = [K], past } = parts;
  const ask = () => {
    const state = new ListState(attestation(parts.attestation));
    past?.(state);
    return { question: questionOf(policyWith(rules), compile('legacy', signers, instructions)), state };
  };
  return { name, ask, ...(code === undefined ? {} : { code }) };
}

/** One that is allowed, then refusals by ten different rules. */
export const EXPLAINED: readonly Explained[] = [
  example('allowed', {
    instructions: [
      computeUnitLimit(2_000),
      systemTransfer(K, BOB, 250_000_000n),
      memo('invoice 7 \u202eexe.'),
    ],
    past: (state) => {
      state.spend('SOL', 1_000_000_000n, NOON - 1_800_000);
      state.spend('transactions', 1n, NOON - 10_000);
    },
  }),
  example('spend-limit', {
    code: 'SPEND_LIMIT_EXCEEDED',
    instructions: [systemTransfer(K, BOB, 600_000_000n)],
    past: (state) => {
      state.spend('SOL', 1_900_000_000n, NOON - 1_200_000);
    },
  }),
  example('fee-limit', {
    code: 'FEE_LIMIT_EXCEEDED',
    instructions: [computeUnitLimit(1_400_000), computeUnitPrice(1_000_000n), systemTransfer(K, BOB, 1n)],
  }),
  example('rate', {
    code: 'RATE_LIMITED',
    rules: { rate: { max: 10, window: '1m' } },
    instructions: [systemTransfer(K, BOB, 1_000_000n)],
    past: (state) => {
      for (let second = 1; second <= 10; second++) state.spend('transactions', 1n, NOON - second * 5000);
    },
  }),
  example('destination', {
    code: 'DESTINATION_NOT_ALLOWED',
    instructions: [systemTransfer(K, BOB, 1_000_000n), systemTransfer(K, pubkeyOf('mallory'), 2_000_000n)],
  }),
  example('asset', {
    code: 'ASSET_NOT_ALLOWED',
    rules: { limits: [{ asset: 'USDC', window: '24h', max: '10000 USDC' }] },
    instructions: [systemTransfer(K, BOB, 1_000_000n)],
  }),
  example('program', {
    code: 'PROGRAM_NOT_ALLOWED',
    rules: { programs: ['system', 'compute-budget'] },
    instructions: [systemTransfer(K, BOB, 1_000_000n), memo('hello')],
  }),
  example('opaque', {
    code: 'OPAQUE_INSTRUCTION',
    instructions: [{ program: key(0xbeef), accounts: [K, BOB], data: Buffer.from([1, 2, 3]) }],
  }),
  example('durable-nonce', {
    code: 'DURABLE_NONCE_NOT_ALLOWED',
    instructions: [
      { program: key(0), accounts: [key(77), key(78), K], data: Buffer.from([4, 0, 0, 0]) },
      systemTransfer(K, BOB, 1_000_000n),
    ],
  }),
  example('not-a-signer', {
    code: 'NOT_A_SIGNER',
    signers: [pubkeyOf('carol'), pubkeyOf('dora')],
    instructions: [systemTransfer(pubkeyOf('carol'), BOB, 1_000_000n)],
  }),
  example('hours', {
    code: 'OUTSIDE_HOURS',
    rules: { hours: { zone: 'America/New_York', days: 'mon-fri', from: '09:30', to: '16:00' } },
    instructions: [systemTransfer(K, BOB, 1_000_000n)],
  }),
  example('attestation', {
    code: 'ATTESTATION_STALE',
    rules: { attestation: { maxAge: '10m' } },
    instructions: [systemTransfer(K, BOB, 1_000_000n)],
    attestation: { issuedAt: NOON - 900_000 },
  }),
  example('frozen', {
    code: 'KEY_FROZEN',
    instructions: [systemTransfer(K, BOB, 1_000_000n)],
    past: (state) => {
      state.freeze = { reason: 'incident 12\u001b[31m', time: NOON - 60_000 };
    },
  }),
];
