import { Command } from 'commander';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';

export function checkCommand(): Command {
  return new Command('check')
    .description('validate a policy; every problem with its path and line')
    .argument('<file>', 'policy.yaml')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery policy check demo/policy.yaml'))
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const { policy } = await readPolicyFile(file);
      const { sha256, serial, signer, warnings } = policy;
      const keys = [...policy.keys.values()].map(({ id, role, address }) => ({
        id,
        role,
        publicKey: address,
      }));
      const text = [
        `valid: serial ${String(serial)} for ${signer}, SHA-256 ${sha256}`,
        ...keys.map(({ id, role, publicKey }) => `  key ${id}  ${role}  ${publicKey}`),
        ...warnings.map((warning) => `warning: ${warning}`),
      ].join('\n');
      print({ text, json: { sha256, serial, signer, keys, warnings } }, options.json);
    });
}
