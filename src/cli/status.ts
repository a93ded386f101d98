import { Command } from 'commander';
import { printable } from '../core/printable.js';
import type { ResultOf } from '../protocol/method.js';
import type { AdminMethods } from '../protocol/admin-methods.js';
import { withAdmin } from './admin-socket.js';
import type { OperatorOptions } from './arguments.js';
import { example, print, table } from './output.js';

type Status = ResultOf<AdminMethods['getStatus']>;

export function statusCommand(): Command {
  return new Command('status')
    .description('health, policy, ledger, tokens, keys and freezes of the running daemon')
    .option('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery status --config demo/chancery.yaml'))
    .action(async (options: OperatorOptions) => {
      const status = await withAdmin(options, (session) => session.call('getStatus', {}));
      print({ text: statusText(status), json: status }, options.json);
    });
}

function statusText(status: Status): string {
  const { policy, ledger } = status;
  const lines = [
    `${status.name} ${status.version}  ${status.origin}  ${status.ready ? 'ready' : 'NOT READY'}`,
    ...status.problems.map((problem) => `problem  ${printable(problem)}`),
    `policy   ${policy === null ? 'none' : `serial ${String(policy.serial)}, epoch ${String(policy.epoch)}, ${policy.sha256}`}`,
    `ledger   ${String(ledger.size)} entries, head ${ledger.head}${ledger.unavailable === null ? '' : `, ${printable(ledger.unavailable)}`}`,
    ...status.tokens.map(
      ({ name, available, detail }) =>
        `token    ${name} ${available ? 'available' : 'UNAVAILABLE'}${detail === undefined || available ? '' : ` (${printable(detail)})`}`,
    ),
    table(status.keys.map(({ id, role, state, publicKey }) => ['key    ', id, role, state, publicKey])),
    ...status.freezes.map(
      (freeze) =>
        `freeze   ${freeze.key ?? 'every key'} since ${freeze.time}: ${printable(freeze.reason)} (${freeze.hash})`,
    ),
    ...(status.open.length === 0
      ? []
      : [`open     authorizations without an outcome: ${status.open.join(' ')}`]),
  ];
  return lines.join('\n');
}
