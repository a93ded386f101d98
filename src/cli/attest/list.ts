import { Command } from 'commander';
import { withAdmin } from '../admin-socket.js';
import type { OperatorOptions } from '../arguments.js';
import { example, print, table } from '../output.js';

interface ListOptions extends OperatorOptions {
  readonly workload?: string;
  readonly key?: string;
}

export function listCommand(): Command {
  return new Command('list')
    .description('the attestations that hold now')
    .option('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket')
    .option('--workload <id>', 'of this workload only')
    .option('--key <id>', 'of this key only')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery attest list --config demo/chancery.yaml'))
    .action(async (options: ListOptions) => {
      const { workload, key } = options;
      const records = await withAdmin(options, (session) =>
        session.call('listAttestations', {
          ...(workload === undefined ? {} : { workload }),
          ...(key === undefined ? {} : { key }),
        }),
      );
      const rows = records.map((record) => [
        record.id,
        record.workload,
        record.keys.map(({ id }) => id).join(' '),
        `until ${record.expiresAt}`,
        `used ${String(record.used)}`,
      ]);
      print({ text: rows.length === 0 ? 'no attestation holds' : table(rows), json: records }, options.json);
    });
}
