import type { Pubkey } from '../../src/core/pubkey.js';
import { assess } from '../../src/solana/assess.js';
import type {
  Assessment,
  Asset,
  DeclaredMint,
  InstructionReport,
  KeyContext,
} from '../../src/solana/assessment.js';
import { keyContext, PLAIN_TOKEN_ACCOUNT_RENT } from '../../src/solana/key-context.js';
import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import { readMessage } from '../../src/solana/read-message.js';
import { compile, key, type TestInstruction } from './solana-build.js';

/** The key under test, a stranger, and a Token and a Token-2022 mint that its policy declares. */
export const K = key(1);
export const STRANGER = key(2);
export const OTHER = key(3);
export const TOKEN_MINT: DeclaredMint = { program: PROGRAM_IDS.token, mint: key(100), decimals: 6 };
export const TOKEN_2022_MINT: DeclaredMint = {
  program: PROGRAM_IDS['token-2022'],
  mint: key(101),
  decimals: 6,
};

export const context: KeyContext = keyContext({
  key: K,
  assets: [TOKEN_MINT, TOKEN_2022_MINT],
  tables: new Map(),
  rent: PLAIN_TOKEN_ACCOUNT_RENT,
});

/** Assesses a legacy message of these instructions that K signs first and the given others too. */
export function assessed(
  instructions: readonly TestInstruction[],
  options: { signers?: readonly Pubkey[]; context?: KeyContext; version?: 'legacy' | 0 | 1 } = {},
): Assessment {
  const bytes = compile(options.version ?? 'legacy', options.signers ?? [K], instructions);
  return assess(readMessage(bytes), options.context ?? context);
}

export function only(instruction: TestInstruction, use?: KeyContext): InstructionReport {
  const [report] = assessed([instruction], use === undefined ? {} : { context: use }).instructions;
  if (report === undefined) throw new Error('no report');
  return report;
}

/** `amount SOL → who`, or the codes it is refused with. */
export function summary(report: InstructionReport): string {
  if (report.refusals.length > 0) return report.refusals.map((failure) => failure.code).join(' ');
  if (report.debits.length === 0) return 'nothing';
  return report.debits
    .map(({ asset, amount, destination, own }) => {
      const to = destination === null ? 'nobody' : (NAMES.get(destination) ?? destination);
      return `${String(amount)} ${unit(asset)} to ${to}${own ? ' (own)' : ''}`;
    })
    .join(', ');
}

function unit(asset: Asset): string {
  if (asset.kind === 'sol') return 'SOL';
  return asset.mint === TOKEN_MINT.mint ? 'TOK' : asset.mint === TOKEN_2022_MINT.mint ? 'T22' : 'unknown';
}

const NAMES = new Map<Pubkey, string>([
  [K, 'key'],
  [STRANGER, 'stranger'],
  [OTHER, 'other'],
]);
