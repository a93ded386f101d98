import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import type { SpendWindow } from '../../../src/policy/policy.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { FoldedState } from '../../support/policy-fold.js';
import { questionOf } from '../../support/policy-question.js';
import { NOON } from '../../support/policy-state.js';
import { addressOf, AGENT, OTHER_AGENT, policyWith, pubkeyOf, USDC_MINT } from '../../support/policy-text.js';
import { compile, memo, systemTransfer, u64, type TestInstruction } from '../../support/solana-build.js';

const K = pubkeyOf('trading-1');
const MS: Readonly<Record<SpendWindow, number>> = {
  '10m': 600_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};
const BUCKET: Readonly<Record<'1h' | '24h', number>> = { '1h': 60_000, '24h': 900_000 };
const WALLETS = ['bob', 'carol', 'dave'] as const;
const WORKLOADS = [AGENT, OTHER_AGENT] as const;
const MINTS = { USDC: parseAddress(USDC_MINT)!, wrapped: NATIVE_MINT };
const derived = new Map<string, Pubkey>();

/** Each derived once: it costs more than all the rest of a step. */
function ata(wallet: Pubkey, mint: Pubkey): Pubkey {
  const name = `${wallet} ${mint}`;
  const account = derived.get(name) ?? deriveAssociatedTokenAccount(wallet, PROGRAM_IDS.token, mint);
  derived.set(name, account);
  return account;
}

const SOL = 1_000_000_000n;
const EACH = { window: '1h', max: SOL } as const;
const BOB_DAY = { window: '24h', max: 2n * SOL } as const;
const PER_AGENT = { window: '24h', max: 4n * SOL } as const;
const OTHER_HOUR = { window: '1h', max: SOL } as const;
const USDC_EACH = { window: '24h', max: 900_000_000n } as const;

const site = policyWith({
  workloads: [...WORKLOADS],
  limits: [
    { asset: 'SOL', window: '30d', max: '1000 SOL' },
    { asset: 'USDC', window: '30d', max: '1000000 USDC' },
    { asset: 'SOL', window: EACH.window, max: '1 SOL', destination: 'each' },
    { asset: 'SOL', window: BOB_DAY.window, max: '2 SOL', destination: addressOf('bob') },
    { asset: 'SOL', window: PER_AGENT.window, max: '4 SOL', workload: 'each' },
    { asset: 'SOL', window: OTHER_HOUR.window, max: '1 SOL', workload: OTHER_AGENT },
    { asset: 'USDC', window: USDC_EACH.window, max: '900 USDC', destination: 'each' },
  ],
  destinations: WALLETS.map(addressOf),
  ownAccounts: 'trusted',
  rate: { max: 600, window: '1m' },
  attestation: { maxAge: '365d' },
});

type Kind = 'sol' | 'wrapped' | 'USDC' | 'own';

interface Move {
  readonly kind: Kind;
  readonly to: (typeof WALLETS)[number];
  readonly amount: bigint;
}

interface Step {
  readonly wait: number;
  readonly workload: (typeof WORKLOADS)[number];
  readonly moves: readonly Move[];
  readonly repeat: boolean;
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom<Kind>('sol', 'sol', 'wrapped', 'USDC', 'own'),
  to: fc.constantFrom(...WALLETS),
  amount: fc.bigInt({ min: 1n, max: 600_000_000n }),
});

const steps = fc.array(
  fc.record<Step>({
    wait: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 300_000 }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 5_400_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 86_400_000 }) },
    ),
    workload: fc.constantFrom(...WORKLOADS),
    moves: fc.array(move, { minLength: 1, maxLength: 3 }),
    repeat: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  }),
  { minLength: 20, maxLength: 50 },
);

function instructionOf({ kind, to, amount }: Move): TestInstruction {
  const wallet = pubkeyOf(to);
  switch (kind) {
    case 'sol':
      return systemTransfer(K, wallet, amount);
    case 'own':
      return systemTransfer(K, ata(K, NATIVE_MINT), amount);
    case 'wrapped':
      return sendToken(MINTS.wrapped, wallet, amount, 9);
    case 'USDC':
      return sendToken(MINTS.USDC, wallet, amount, 6);
  }
}

function sendToken(mint: Pubkey, wallet: Pubkey, amount: bigint, decimals: number): TestInstruction {
  return {
    program: PROGRAM_IDS.token,
    accounts: [ata(K, mint), mint, ata(wallet, mint), K],
    data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(decimals)]),
  };
}

/** Where a move goes, as the chain sees it; null for the key's own account, which is trusted here. */
function receiver({ kind, to }: Move): { readonly unit: string; readonly account: string } | null {
  const wallet = pubkeyOf(to);
  switch (kind) {
    case 'sol':
      return { unit: 'SOL', account: toAddress(wallet) };
    case 'own':
      return null;
    case 'wrapped':
      return { unit: 'SOL', account: toAddress(ata(wallet, MINTS.wrapped)) };
    case 'USDC':
      return { unit: 'USDC', account: toAddress(ata(wallet, MINTS.USDC)) };
  }
}

interface Paid {
  readonly time: number;
  readonly workload: string;
  readonly unit: string;
  /** Null for fees. */
  readonly account: string | null;
  readonly amount: bigint;
}

const ACCOUNTS = WALLETS.map((name) => {
  const wallet = pubkeyOf(name);
  return {
    name,
    sol: [toAddress(wallet), toAddress(ata(wallet, MINTS.wrapped))],
    usdc: toAddress(ata(wallet, MINTS.USDC)),
  };
});

describe('I6: limits below the key, over the fold of the entries that the daemon writes', () => {
  it('are passed by no sequence, for no destination and no workload', () => {
    const totals = { allowed: 0, refused: 0, repeated: 0 };
    fc.assert(
      fc.property(steps, (sequence) => {
        play(sequence, totals);
      }),
      { numRuns: 30 },
    );
    expect(totals.allowed).toBeGreaterThan(100);
    expect(totals.refused).toBeGreaterThan(100);
    expect(totals.repeated).toBeGreaterThan(20);
  });
});

function play(
  sequence: readonly Step[],
  totals: { allowed: number; refused: number; repeated: number },
): void {
  const past = new FoldedState(NOON, WORKLOADS);
  const paid: Paid[] = [];
  let now = NOON;
  let last: { readonly message: Buffer; readonly step: Step } | null = null;
  for (const [serial, fresh] of sequence.entries()) {
    now += fresh.wait;
    const again = fresh.repeat ? last : null;
    const step: Step = again?.step ?? fresh;
    const message: Buffer =
      again?.message ?? compile('legacy', [K], [...step.moves.map(instructionOf), memo(String(serial))]);
    const question = questionOf(site, message, { now, workload: step.workload });
    const verdict = decide(question, past.fold);
    if (verdict.decision === 'deny') {
      // Nothing else than a limit is in the way of these transactions.
      expect(new Set(verdict.failures.map(({ code }) => code))).toEqual(new Set(['SPEND_LIMIT_EXCEEDED']));
      totals.refused++;
    } else {
      past.authorize(question, verdict);
      last = { message, step };
      if (verdict.repeats !== null) totals.repeated++;
      else {
        totals.allowed++;
        const { workload } = step;
        paid.push({
          time: now,
          workload,
          unit: 'SOL',
          account: null,
          amount: question.assessment.fee.lamports,
        });
        for (const one of step.moves) {
          const to = receiver(one);
          if (to !== null) paid.push({ time: now, workload, ...to, amount: one.amount });
        }
      }
    }
    holds(paid, past, now);
  }
}

function holds(paid: readonly Paid[], past: FoldedState, now: number): void {
  const sum = (unit: string, since: number, pick: (one: Paid) => boolean): bigint =>
    paid.reduce(
      (total, one) => (one.unit === unit && one.time > since && pick(one) ? total + one.amount : total),
      0n,
    );
  const within = (unit: string, window: SpendWindow, pick: (one: Paid) => boolean): bigint =>
    sum(unit, now - MS[window], pick);
  for (const { name, sol, usdc } of ACCOUNTS) {
    for (const account of sol) {
      const here = (one: Paid): boolean => one.account === account;
      expect(within('SOL', EACH.window, here), `${name} each`).toBeLessThanOrEqual(EACH.max);
      // What the fold holds is that sum and at most one bucket of what was paid before.
      const held = past.fold.spentBy(
        { kind: 'destination', publicKey: site.key.address, destination: account },
        'SOL',
        '1h',
        now,
      );
      expect(held).toBeGreaterThanOrEqual(within('SOL', '1h', here));
      expect(held).toBeLessThanOrEqual(sum('SOL', now - MS['1h'] - BUCKET['1h'] - 1, here));
    }
    const toUsdc = (one: Paid): boolean => one.account === usdc;
    expect(within('USDC', USDC_EACH.window, toUsdc)).toBeLessThanOrEqual(USDC_EACH.max);
    if (name !== 'bob') continue;
    const toBob = (one: Paid): boolean => sol.some((account) => account === one.account);
    expect(within('SOL', BOB_DAY.window, toBob), 'bob').toBeLessThanOrEqual(BOB_DAY.max);
  }
  for (const workload of WORKLOADS) {
    const its = (one: Paid): boolean => one.workload === workload;
    expect(within('SOL', PER_AGENT.window, its), workload).toBeLessThanOrEqual(PER_AGENT.max);
    const held = past.fold.spentBy(
      { kind: 'workload', publicKey: site.key.address, workload },
      'SOL',
      '24h',
      now,
    );
    expect(held).toBeGreaterThanOrEqual(within('SOL', '24h', its));
    expect(held).toBeLessThanOrEqual(sum('SOL', now - MS['24h'] - BUCKET['24h'] - 1, its));
  }
  const others = (one: Paid): boolean => one.workload === OTHER_AGENT;
  expect(within('SOL', OTHER_HOUR.window, others)).toBeLessThanOrEqual(OTHER_HOUR.max);
}
