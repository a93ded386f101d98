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
import { worstAttestations, worstPolicy } from './worst-policy.js';

/** What judging one transaction takes, in this process, without waiting for anything. */
export interface DecisionFigures {
  /** Microseconds to decode, assess and decide a 3-instruction transfer, by size of policy and past. */
  readonly transfer: Readonly<Record<string, TransferFigures>>;
  /** Microseconds of input that is legal in size and made to be slow, under the largest policy of the above. */
  readonly worst: Readonly<Record<string, Figures>>;
  /** The same under a policy with every rule as large as it may be, all of which refuse. */
  readonly worstRules: Readonly<Record<string, Figures>>;
}

/** Wall clock of single decisions: they mean what they say on a machine that does nothing else. */
interface Figures {
  readonly median: number;
  readonly p99: number;
  /** Of a few hundred, whatever else the machine did meanwhile. */
  readonly slowest: number;
}

interface TransferFigures extends Figures {
  /** CPU time of one: the median of rounds, the garbage collector's threads included. */
  readonly cpu: number;
}

const K = pubkeyOf('trading-1');
const ENTRIES = 100_000;
const TRANSFERS = 20_000;
const WORST_CALLS = 500;

export function measureDecision(): DecisionFigures {
  const bob = transferTo(pubkeyOf('bob'), 1000n);
  const transfer: Record<string, TransferFigures> = {};
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
        transfer[name] = { cpu: micros(() => judge(bob)), ...timesOf(judge, bob, TRANSFERS) };
      }
    }
  }
  // The last is the largest policy over the longest past.
  return { transfer, worst: worstOf(judge), worstRules: worstOf(judgeByAllRules()) };
}

function worstOf(judge: Judge): Readonly<Record<string, Figures>> {
  return Object.fromEntries(
    [...worstInputs(K)].map(([name, bytes]) => [name, timesOf(judge, bytes, WORST_CALLS)]),
  );
}

/** Every rule there is, and several live attestations none of which lets anything through. */
function judgeByAllRules(): Judge {
  const state = new FoldedState(NOON - 60_000);
  for (const body of worstAttestations(NOON - 60_000)) state.append(body, NOON - 60_000);
  return judgeWith(worstPolicy(), state.fold);
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
    entryTime: now,
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

function timesOf(judge: Judge, bytes: Uint8Array, calls: number): Figures {
  for (let index = 0; index < calls / 3; index++) judgeAnything(judge, bytes);
  const times = Array.from({ length: calls }, () => {
    const began = process.hrtime.bigint();
    judgeAnything(judge, bytes);
    return Number(process.hrtime.bigint() - began) / 1000;
  });
  return { median: percentile(times, 0.5), p99: percentile(times, 0.99), slowest: percentile(times, 1) };
}

export function decisionText({ transfer, worst, worstRules }: DecisionFigures): string {
  const row = (name: string, ...figures: readonly number[]): string =>
    `  ${name.padEnd(50)} ${figures.map((figure) => figure.toFixed(1).padStart(8)).join(' ')}`;
  const head = (title: string, ...columns: readonly string[]): string =>
    `${title.padEnd(52)} ${columns.map((column) => column.padStart(8)).join(' ')}`;
  const rows = (figures: Readonly<Record<string, Figures>>): string[] =>
    Object.entries(figures).map(([name, { median, p99, slowest }]) => row(name, median, p99, slowest));
  return [
    head('decode, assess, decide a 3-instruction transfer, µs', 'median', 'p99', 'CPU'),
    ...Object.entries(transfer).map(([name, { median, p99, cpu }]) => row(name, median, p99, cpu)),
    head('input made to be slow, µs', 'median', 'p99', 'slowest'),
    ...rows(worst),
    head('the same when every rule is as large as it may be', 'median', 'p99', 'slowest'),
    ...rows(worstRules),
  ].join('\n');
}
