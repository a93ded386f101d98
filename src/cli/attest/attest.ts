import { Command } from 'commander';
import { addCommands, type CommandTable } from '../command-table.js';
import { example } from '../output.js';

const COMMANDS: CommandTable = {
  request: async () => (await import('./request.js')).requestCommand(),
  issue: async () => (await import('./issue.js')).issueCommand(),
  sign: async () => (await import('./sign.js')).signCommand(),
  inspect: async () => (await import('./inspect.js')).inspectCommand(),
  submit: async () => (await import('./submit.js')).submitCommand(),
  list: async () => (await import('./list.js')).listCommand(),
  revoke: async () => (await import('./revoke.js')).revokeCommand(),
};

export async function attestCommand(words: readonly string[]): Promise<Command> {
  const group = new Command('attest')
    .description("open keys to a workload, by the Sovereign's word")
    .addHelpText(
      'after',
      example(
        'chancery attest issue --config demo/chancery.yaml --workload spiffe://dev.chancery.local/agent --key trading-1 --ttl 30m --identity demo/secrets/sovereign --submit',
      ),
    );
  return await addCommands(group, COMMANDS, words);
}
