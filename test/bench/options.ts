import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from '../../src/cli/arguments.js';
import { example } from '../../src/cli/output.js';

/** What `--only` may name, and what a bench without it measures. */
const PARTS = ['signing', 'decision', 'audit', 'ledger', 'transport', 'agents', 'neighbours'] as const;
const DEFAULT_PARTS: readonly Part[] = ['signing', 'decision', 'audit', 'ledger'];

export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly json?: boolean;
  readonly seconds: number;
  readonly rounds: number;
  readonly warmup: number;
  readonly directory: string;
  readonly only: readonly Part[];
  readonly entries: number;
  readonly sizes: readonly number[];
  /** The `cli/main.js` of the other build. */
  readonly against?: string;
}

/** Of the command line; `--help` and what cannot be understood end the process. */
export function benchOptions(): BenchOptions {
  return new Command('npm run bench --')
    .description(
      'measure in one run, interleaved: the token alone, ssh-agent, the daemon; medians and ratios',
    )
    .option('--only <parts>', `of ${PARTS.join(', ')}`, parts, DEFAULT_PARTS)
    .option('--rounds <count>', 'how often each is measured', wholeNumber, 15)
    .option('--seconds <seconds>', 'for how long each time', seconds, 1)
    .option('--warmup <seconds>', 'before the first round, 0 for none', warmup, 2)
    .option('--directory <dir>', 'on the disk that is to be measured', '.')
    .option('--entries <count>', 'of the ledger that is audited', wholeNumber, 50_000)
    .option('--sizes <counts>', 'entries of the ledgers that are started', sizes, [100_000, 1_000_000])
    .option('--against <checkout>', 'this build beside the one in another checkout, and nothing else', built)
    .option('--json', 'print JSON')
    .addHelpText('after', example('npm run bench -- --only signing --rounds 5'))
    .parse()
    .opts<BenchOptions>();
}

function parts(text: string): readonly Part[] {
  return text.split(',').map((name) => {
    const part = PARTS.find((known) => known === name);
    if (part === undefined) throw new InvalidArgumentError(`expected some of ${PARTS.join(',')}`);
    return part;
  });
}

function seconds(text: string): number {
  const value = warmup(text);
  if (value === 0) throw new InvalidArgumentError('expected seconds, more than 0');
  return value;
}

function warmup(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('expected seconds');
  return value;
}

function built(checkout: string): string {
  const binary = join(resolve(checkout), 'dist', 'cli', 'main.js');
  if (!existsSync(binary)) throw new InvalidArgumentError(`expected a checkout that was built: no ${binary}`);
  return binary;
}

function sizes(text: string): readonly number[] {
  return text.split(',').map(wholeNumber);
}
