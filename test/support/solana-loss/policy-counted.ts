import { sha256Hex } from '../../../src/core/sha256.js';
import { ChanceryError } from '../../../src/core/errors.js';
import { toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { KeyPolicy, Policy } from '../../../src/policy/policy.js';
import type { Count } from '../../../src/policy/verdict.js';
import { assess } from '../../../src/solana/assess.js';
import type { Assessment } from '../../../src/solana/assessment.js';
import { PROGRAM_NAMES, PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { attestation, ListState, NOON } from '../policy-state.js';
import { AGENT, ledgerKeyText, policyBytes, walletText } from '../policy-text.js';
import type { StepResult, VmAccount } from '../solana-svm.js';
import { shortfall, type Prepared, type Undercount } from './check.js';
import { holdings } from './value.js';
import { ASSETS, type Cast } from './world.js';

const NAMES = ['', 'USDC', 'EURC', 'TAXED'];
const [, ...DECLARED] = ASSETS;

/** The widest policy people could write for the key `trading-1`: everything allowed, everything counted. */
export function widePolicy(cast: Cast, trusted: boolean): Policy {
  const limit = (asset: string) => ({ asset, window: '24h', max: `1000000000 ${asset}` });
  return parsePolicy(
    policyBytes({
      assets: Object.fromEntries(
        DECLARED.map(({ program, mint, decimals }, index) => [
          NAMES[index + 1] ?? '',
          {
            mint: toAddress(mint),
            program: program === PROGRAM_IDS.token ? 'token' : 'token-2022',
            decimals,
          },
        ]),
      ),
      tables: {
        [toAddress(cast.table)]: cast.tableContents.map(toAddress),
        [toAddress(cast.secondTable)]: cast.secondContents.map(toAddress),
      },
      keys: [
        walletText({
          limits: ['SOL', 'USDC', 'EURC', 'TAXED'].map(limit),
          fee: { perTransaction: '1000000 SOL' },
          programs: [...PROGRAM_NAMES],
          destinations: 'any',
          ownAccounts: trusted ? 'trusted' : 'counted',
          stake: ['Initialize', 'DelegateStake', 'Deactivate', 'Withdraw', 'Split', 'Merge', 'MoveLamports'],
        }),
        ledgerKeyText(),
      ],
    }),
  );
}

/** What the policy counts for these bytes; null when it would not sign them. */
export function countedBy(
  policy: Policy,
  key: KeyPolicy,
  wire: Uint8Array,
): { readonly assessment: Assessment; readonly counted: readonly Count[] } | null {
  try {
    const { message } = readTransaction(wire);
    const assessment = assess(message, key.context);
    const verdict = decide(
      {
        policy,
        key,
        workload: AGENT,
        assessment,
        messageHash: sha256Hex(message.bytes),
        purpose: 'transaction',
        possessed: new Set(),
        now: NOON,
        entryTime: NOON,
      },
      new ListState(attestation()),
    );
    return verdict.decision === 'allow' ? { assessment, counted: verdict.counted } : null;
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'MALFORMED_TRANSACTION') return null;
    throw error;
  }
}

/** After every step: what the key has lost of each asset since the start is at most what the policy counted. */
export function comparePolicy(
  { world, watch }: Prepared,
  policy: Policy,
  counts: readonly (readonly Count[])[],
  results: readonly StepResult[],
): Undercount | null {
  const before = holdings(world.cast.owner, world.accounts);
  const counted = new Map<string, bigint>();
  const accounts = new Map<Pubkey, VmAccount | null>(world.accounts);
  for (const [step, result] of results.entries()) {
    for (const { unit, amount } of counts[step] ?? []) {
      const token = policy.assets.get(unit)?.token;
      const name = token == null ? unit : `${token.program}:${token.mint}`;
      counted.set(name, (counted.get(name) ?? 0n) + amount);
    }
    watch.forEach((address, index) => {
      accounts.set(address, result.accounts[index] ?? null);
    });
    const after = holdings(world.cast.owner, accounts);
    const found = shortfall(before, after, counted, step, 'counted');
    if (found !== null) return found;
  }
  return null;
}
