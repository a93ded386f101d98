import { Command } from 'commander';
import { example } from '../output.js';
import { checkCommand } from './check.js';
import { diffCommand } from './diff.js';
import { pinTableCommand } from './pin-table.js';
import { showCommand } from './show.js';
import { signCommand } from './sign.js';
import { submitCommand } from './submit.js';

export function policyCommand(): Command {
  const group = new Command('policy')
    .description('what may be signed: check, compare, pin lookup tables, sign, bring into force')
    .addHelpText(
      'after',
      example(
        'chancery policy check demo/policy.yaml',
        'chancery policy diff demo/policy.yaml --config demo/chancery.yaml',
        'chancery policy sign --config demo/chancery.yaml --identity demo/secrets/sovereign',
        'chancery policy submit --config demo/chancery.yaml',
      ),
    );
  const commands = [
    checkCommand(),
    diffCommand(),
    pinTableCommand(),
    signCommand(),
    showCommand(),
    submitCommand(),
  ];
  for (const command of commands) group.addCommand(command);
  return group;
}
