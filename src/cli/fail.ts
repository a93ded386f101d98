import { printable } from '../core/printable.js';
import { ChanceryError, type Failure } from '../core/errors.js';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
const EXIT_UNREACHABLE = 3;

/** What the command line prints to standard error, and the exit code: 1 refused or failed, 2 usage, 3 no daemon. */
export interface Failed {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * `error: CODE: sentence`, a line for each rule that failed with its figures, `hint: …`. Text of other parties is
 * shown with its control characters escaped: a refusal must not be able to write to the terminal.
 */
export function describeError(error: unknown): Failed {
  if (!(error instanceof ChanceryError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { text: `error: INTERNAL: ${printable(message)}\n`, exitCode: EXIT_FAILED };
  }
  const lines = [`error: ${error.code}: ${escaped(error.message)}`];
  if (error.failures.length > 1 || error.failures.some((failure) => figures(failure) !== '')) {
    lines.push(
      ...error.failures.map(
        (failure) => `  ${failure.code}: ${printable(failure.message)}${figures(failure)}`,
      ),
    );
  }
  if (error.hint !== undefined) lines.push(`hint: ${printable(error.hint)}`);
  return { text: `${lines.join('\n')}\n`, exitCode: exitCode(error) };
}

/** ` (limit 500000000, spent 0, requested 600000000, rule keys[0].limits[0])`; amounts in base units. */
function figures(failure: Failure): string {
  const { limit, spent, requested, window, resetsAt, rule, instruction, program, destination } = failure;
  const parts = Object.entries({
    limit,
    spent,
    requested,
    window,
    resetsAt,
    instruction,
    program,
    destination,
    rule,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${printable(String(value))}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function exitCode(error: ChanceryError): number {
  if (error.code === 'USAGE') return EXIT_USAGE;
  return error.code === 'DAEMON_UNREACHABLE' ? EXIT_UNREACHABLE : EXIT_FAILED;
}

/** Messages of several lines (one a problem of a policy) keep them. */
function escaped(message: string): string {
  return message.split('\n').map(printable).join('\n  ');
}
