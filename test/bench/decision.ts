import { toAddress, type Pubkey } from '../../src/core/pubkey.js';
import { sha256Hex } from '../../src/core/sha256.js';
import { decide } from '../../src/policy/decide.js';
import { parsePolicy } from '../../src/policy/parse-policy.js';
import type { KeyPolicy, Policy } from '../../src/policy/policy.js';
import type { PolicyState } from '../../src/policy/policy-state.js';
import type { Question, Verdict } from '../../src/policy/verdict.js';
import { assess } from '../../src/solana/assess.js';
import { readTransaction } from '../../src/solana/read-transaction.js';
import { FoldedState } from '../support/policy-fold.js';
import { NOON } from '../support/policy-state.js';
import {
  addressOf,
  AGENT,
  ledgerKeyText,
  policyBytes,
  pubkeyOf,
  walletText,
} from '../support/policy-text.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
  systemTransfer,
  wire,
} from '../support/solana-build.js';
import { micros } from './stages.js';
import { percentile } from './statistics.js';
import { worstInputs } from './worst-inputs.js';

/** What judging one transaction takes, in this process, without waiting for anything. */
export interface DecisionFigures {
  /** CPU microseconds to decode, assess and decide a 3-instruction transfer: medians, by size of policy and past. */
  readonly transfer: Readonly<Record<string, number>>;
  /** CPU microseconds of input that is legal in size and made to be slow. */
  readonly worst: Readonly<Record<string, WorstFigures>>;
}

interface WorstFigures {
  readonly median: number;
  readonly p99: number;
}

const K = pubkeyOf('trading-1');
const ENTRIES = 100_000;
const WORST_CALLS = 300;

export function measureDecision(): DecisionFigures {
  const bob = transferTo(pubkeyOf('bob'), 1000n);
  const transfer: Record<string, number> = {};
  const full = filled(ENTRIES);
  const pasts = new Map<string, PolicyState>([
    ['no entries', new FoldedState(NOON - 60_000).fold],
    [`${String(ENTRIES)} entries`, full],
  ]);
  let judge = judgeWith(policyOf(1, 1), full);
  for (const keys of [1, 200]) {
    for (const destinations of [1, 2000]) {
      const policy = policyOf(keys, destinations);
      for (const [past, state] of pasts) {
        judge = judgeWith(policy, state);
        const verdict = judge(bob);
        if (verdict.decision !== 'allow') throw new Error(`refused: ${verdict.failures[0].message}`);
        const name = `${String(keys)} keys, ${String(destinations)} destinations, ${past}`;
        transfer[name] = micros(() => judge(bob));
      }
    }
  }
  // The last is the largest policy over the longest past.
  const worst = Object.fromEntries([...worstInputs(K)].map(([name, bytes]) => [name, cpuOf(judge, bytes)]));
  return { transfer, worst };
}

type Judge = (bytes: Uint8Array) => Verdict;

function judgeWith(policy: Policy, state: PolicyState): Judge {
  const key = tradingKey(policy);
  return (bytes) => decide(questionFor(policy, key, bytes, NOON), state);
}

/** Bytes that are no transaction are answered too, and how soon is what is measured. */
function judgeAnything(judge: Judge, bytes: Uint8Array): void {
  try {
    judge(bytes);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

function questionFor(policy: Policy, key: KeyPolicy, bytes: Uint8Array, now: number): Question {
  const { message } = readTransaction(bytes);
  return {
    policy,
    key,
    workload: AGENT,
    assessment: assess(message, key.context),
    messageHash: sha256Hex(message.bytes),
    purpose: 'transaction',
    possessed: new Set(),
    now,
  };
}

function tradingKey(policy: Policy): KeyPolicy {
  const key = policy.keys.get('trading-1');
  if (key === undefined) throw new Error('the policy has no trading key');
  return key;
}

function transferTo(to: Pubkey, lamports: bigint): Buffer {
  const instructions = [computeUnitLimit(200_000), computeUnitPrice(1000n), systemTransfer(K, to, lamports)];
  return wire('legacy', compile('legacy', [K], instructions), 1);
}

/** Several windows, a limit for each destination and one for each workload: a policy that asks much of the meters. */
function policyOf(keys: number, destinations: number): Policy {
  const others = Array.from({ length: keys - 1 }, (_, index) =>
    walletText({
      id: `other-${String(index)}`,
      object: { label: `other-${String(index)}` },
      publicKey: addressOf(`other ${String(index)}`),
    }),
  );
  const listed = Array.from({ length: destinations - 1 }, (_, index) => addressOf(`to ${String(index)}`));
  const trading = walletText({
    limits: [
      { asset: 'SOL', perTransaction: '0.5 SOL', window: '1h', max: '2 SOL' },
      { asset: 'SOL', window: '24h', max: '10 SOL' },
      { asset: 'SOL', window: '24h', max: '5 SOL', destination: 'each' },
      { asset: 'SOL', window: '1h', max: '2 SOL', workload: 'each' },
    ],
    attestation: { maxAge: '30d' },
    destinations: [toAddress(pubkeyOf('bob')), ...listed],
  });
  return parsePolicy(policyBytes({ keys: [trading, ...others, ledgerKeyText()] }));
}

/** The fold of so many authorizations, one a second until now, to bob. */
function filled(entries: number): PolicyState {
  const start = NOON - entries * 1000;
  const state = new FoldedState(start);
  const policy = policyOf(1, 1);
  const key = tradingKey(policy);
  const question = questionFor(policy, key, transferTo(pubkeyOf('bob'), 1n), start);
  const verdict = decide(question, state.fold);
  if (verdict.decision !== 'allow') throw new Error(`refused: ${verdict.failures[0].message}`);
  for (let index = 0; index < entries; index++) {
    // The same effects under another hash: assessing each would take longer than all the rest of this section.
    const message = Buffer.from(`message ${String(index)}`).toString('base64');
    state.authorize(question, verdict, { message, time: start + index * 1000 });
  }
  return state.fold;
}

/** CPU time, since on a busy machine the wall clock shows who else was running. */
function cpuOf(judge: Judge, bytes: Uint8Array): WorstFigures {
  for (let index = 0; index < WORST_CALLS / 3; index++) judgeAnything(judge, bytes);
  const times = Array.from({ length: WORST_CALLS }, () => {
    const began = process.cpuUsage();
    judgeAnything(judge, bytes);
    const { user, system } = process.cpuUsage(began);
    return user + system;
  });
  return { median: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

export function decisionText({ transfer, worst }: DecisionFigures): string {
  return [
    'decode, assess, decide a 3-instruction transfer'.padEnd(52) + '   CPU µs',
    ...Object.entries(transfer).map(
      ([name, value]) => `  ${name.padEnd(50)} ${value.toFixed(1).padStart(8)}`,
    ),
    'input made to be slow'.padEnd(52) + '  median      p99',
    ...Object.entries(worst).map(
      ([name, figures]) =>
        `  ${name.padEnd(50)} ${figures.median.toFixed(0).padStart(8)} ${figures.p99.toFixed(0).padStart(8)}`,
    ),
  ].join('\n');
}
