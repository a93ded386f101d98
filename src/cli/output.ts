import { ChanceryError } from '../core/errors.js';
import { systemCode } from '../core/files.js';
import { describeError, EXIT_FAILED } from './fail.js';

/** Where a command prints its answer: text for people, or with `--json` one JSON value. */
export interface Printed {
  readonly text: string;
  readonly json: unknown;
}

export function print(printed: Printed, json: boolean | undefined): void {
  process.stdout.write(json === true ? `${JSON.stringify(printed.json, null, 2)}\n` : `${printed.text}\n`);
}

/**
 * What a person must read before the command goes on. With `--json` standard output is for the answer: then on standard
 * error, where that is a terminal, so that programs find nothing there that went well.
 *
 * Resolves when it has been taken, and never where nobody reads (`| head`, a pager that was left): then the process ends
 * on the same error of the stream (`main.ts`), having said that nothing was done.
 */
export async function announce(text: string, json: boolean | undefined): Promise<void> {
  if (json === true) {
    if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
    return;
  }
  await new Promise<void>((resolve) => {
    process.stdout.write(`${text}\n`, (error) => {
      if (error === null || error === undefined) {
        resolve();
        return;
      }
      process.exitCode = EXIT_FAILED;
      if (systemCode(error) === 'EPIPE') process.stderr.write(describeError(UNREAD).text);
    });
  });
}

const UNREAD = new ChanceryError('ABORTED', 'nobody reads what is to be signed: nothing was done', {
  hint: 'let the whole output be read; with --json it goes to the terminal',
});

/** Columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The end of a command's help. */
export function example(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}
