import { LOCAL_CODES, WIRE_CODES, type ErrorCode } from '../core/errors.js';
import { RPC_NUMBERS } from './codes.js';
import { ERROR_GUIDE } from './error-guide.js';

const INTRODUCTION = `# Errors

Made from \`src/protocol/error-guide.ts\` by \`scripts/write-protocol-documents.mjs\`.

A daemon answers \`error: {code, message, data: {code, failures, hint, request}}\`. Programs look at \`data.code\`, one
of a closed list. \`failures\` holds every rule that failed, with its figures. \`hint\` says what to do next where the
daemon knows more than stands here; most refusals by a rule have none. \`request\` is the id under which the daemon's log
and ledger know the request. On the command line the same codes stand in \`error: CODE: sentence\`.
`;

/** The text of docs/errors.md. */
export function errorGuideText(): string {
  return [
    INTRODUCTION,
    '## Answered by a daemon\n',
    ...WIRE_CODES.map((code) => section(code, `JSON-RPC ${String(RPC_NUMBERS[code])}`)),
    '## Met at start-up, in commands and in the client library\n',
    ...LOCAL_CODES.map((code) => section(code, null)),
  ].join('\n');
}

function section(code: ErrorCode, number: string | null): string {
  const { cause, example, agent, operator } = ERROR_GUIDE[code];
  return [
    `### ${code}\n`,
    `${cause}${number === null ? '' : ` (${number})`}\n`,
    `- Example: \`${example}\``,
    `- Agent: ${agent}`,
    `- Operator: ${operator}\n`,
  ].join('\n');
}
