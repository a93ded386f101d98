#!/usr/bin/env -S UV_THREADPOOL_SIZE=12 node --max-semi-space-size=8 --no-allocation-site-pretenuring --v8-pool-size=1
import { CommanderError } from 'commander';
import { ChanceryError } from '../core/errors.js';
import { describeError, EXIT_USAGE } from './fail.js';
import { program } from './program.js';

/** How long what is left of a daemon may take when all has been closed: the last lines to a slow reader. Milliseconds. */
const LAST_CALLS_MS = 2000;

async function main(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (head, less) is no error of ours; the verdict stands whoever read how much.
    if (error.code === 'EPIPE') process.exit(process.exitCode);
    const lost = new ChanceryError('FILE_UNREADABLE', 'cannot write standard output', {
      cause: error,
      hint: 'the answer is lost; what the command did is not undone: `chancery ledger tail` shows it',
    });
    const { text, exitCode } = describeError(lost);
    process.stderr.write(text);
    process.exit(exitCode);
  });
  // Nobody is left to tell; the exit code still says it.
  process.stderr.on('error', () => undefined);
  const words = process.argv.slice(2);
  try {
    await (await program(words)).parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
      return;
    }
    const { text, exitCode } = describeError(error);
    process.stderr.write(text);
    process.exitCode = exitCode;
  } finally {
    // Of no other command: what it has still to write to a slow reader is not cut.
    if (words[0] === 'serve') (await import('../os/end-process.js')).endWithin(LAST_CALLS_MS);
  }
}

await main();
