import { Command } from 'commander';
import { example } from '../output.js';
import { inspectCommand } from './inspect.js';
import { issueCommand } from './issue.js';
import { listCommand } from './list.js';
import { requestCommand } from './request.js';
import { revokeCommand } from './revoke.js';
import { signCommand } from './sign.js';
import { submitCommand } from './submit.js';

export function attestCommand(): Command {
  const group = new Command('attest')
    .description("open keys to a workload, by the Sovereign's word")
    .addHelpText(
      'after',
      example(
        'chancery attest issue --config demo/chancery.yaml --workload spiffe://dev.chancery.local/agent --key trading-1 --ttl 30m --identity demo/secrets/sovereign --submit',
      ),
    );
  for (const command of [
    requestCommand(),
    issueCommand(),
    signCommand(),
    inspectCommand(),
    submitCommand(),
    listCommand(),
    revokeCommand(),
  ]) {
    group.addCommand(command);
  }
  return group;
}
