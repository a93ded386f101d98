import { getSystemErrorMap } from 'node:util';
import { ChanceryError, isWireCode, type ErrorCode, type Failure } from '../core/errors.js';
import { systemCode } from '../core/files.js';
import { printable } from '../core/printable.js';
import { ERROR_GUIDE } from '../protocol/error-guide.js';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
const EXIT_UNREACHABLE = 3;
export const USAGE_HINT = 'the same command with --help shows its options and an example';

/** What the command line prints to standard error, and the exit code: 1 refused or failed, 2 usage, 3 no daemon. */
export interface Failed {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * `error: CODE: sentence`, a line for each rule that failed with its figures, `hint: …`: its own, else what the guide
 * of error codes tells operators. Text of other parties is shown with its control characters escaped: a refusal must
 * not be able to write to the terminal.
 */
export function describeError(thrown: unknown): Failed {
  const error = ours(thrown);
  const lines = [`error: ${error.code}: ${escaped(error.message)}${reasonOf(error)}`];
  if (error.failures.length > 1 || error.failures.some((failure) => figures(failure) !== '')) {
    lines.push(
      ...error.failures.map(
        (failure) => `  ${failure.code}: ${printable(failure.message)}${figures(failure)}`,
      ),
    );
  }
  const hint = error.hint ?? adviceOn(error.code);
  if (hint !== null) lines.push(`hint: ${printable(hint)}`);
  return { text: `${lines.join('\n')}\n`, exitCode: exitCode(error) };
}

/** What the system refused without a word from us is about a file; anything else nobody foresaw. */
function ours(thrown: unknown): ChanceryError {
  if (thrown instanceof ChanceryError) return thrown;
  const path = thrown instanceof Error && 'path' in thrown ? thrown.path : undefined;
  if (typeof path === 'string' && systemCode(thrown) !== null) {
    return new ChanceryError('FILE_UNREADABLE', `cannot use ${path}`, { cause: thrown });
  }
  return new ChanceryError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown));
}

/** ` (ENOENT: no such file or directory)`, where the message does not say it. */
function reasonOf({ message, cause }: ChanceryError): string {
  const code = systemCode(cause);
  if (code === null || message.includes(code)) return '';
  const known = [...getSystemErrorMap().values()].find(([name]) => name === code);
  return known === undefined ? '' : ` (${code}: ${known[1]})`;
}

/**
 * The guide has sentences; a hint is one without a full stop. What the daemon refused comes with its own hint, for the
 * agent that asked; a statement is mostly read before a daemon sees it.
 */
function adviceOn(code: ErrorCode): string | null {
  if (code === 'USAGE') return USAGE_HINT;
  if (isWireCode(code) && code !== 'MALFORMED_STATEMENT') return null;
  const { operator } = ERROR_GUIDE[code];
  return operator === 'Nothing.'
    ? null
    : operator.charAt(0).toLowerCase() + operator.slice(1).replace(/\.$/, '');
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
