#!/usr/bin/env node
import { CommanderError } from 'commander';
import { describeError, EXIT_USAGE } from './fail.js';
import { program } from './program.js';

async function main(): Promise<void> {
  // A reader that has seen enough (head, less) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
      return;
    }
    const { text, exitCode } = describeError(error);
    process.stderr.write(text);
    process.exitCode = exitCode;
  }
}

await main();
