import { Command } from 'commander';
import { ChanceryError } from '../../core/errors.js';
import { appendNarrowing } from '../../ceremony/narrow.js';
import { reasonText, type OperatorOptions } from '../arguments.js';
import { example, print } from '../output.js';
import { daemonOrLedger } from '../when-stopped.js';

interface RevokeOptions extends OperatorOptions {
  readonly workload?: string;
  readonly reason: string;
}

export function revokeCommand(): Command {
  return new Command('revoke')
    .description('end one attestation, or all of a workload, at once')
    .argument('[id]', 'id of the attestation')
    .option('--workload <id>', 'every attestation of this workload')
    .requiredOption('--reason <text>', 'why, for the ledger', reasonText)
    .option('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('chancery attest revoke 5f0c… --reason "agent misbehaves" --config demo/chancery.yaml'),
    )
    .action(async (id: string | undefined, options: RevokeOptions) => {
      const { workload, reason } = options;
      const subject = subjectOf(id, workload);
      const { entry } = await daemonOrLedger(
        options,
        (session) =>
          'workload' in subject
            ? session.call('revokeWorkload', { ...subject, reason })
            : session.call('revokeAttestation', { id: subject.attestation, reason }),
        ({ ledger }) => appendNarrowing(ledger, { type: 'revocation', ...subject, reason }),
      );
      print(
        { text: `revoked ${id ?? workload ?? ''} (entry ${entry.sequence})`, json: { ...subject, entry } },
        options.json,
      );
    });
}

type Subject = { readonly workload: string } | { readonly attestation: string };

function subjectOf(id: string | undefined, workload: string | undefined): Subject {
  if (id !== undefined && workload === undefined) return { attestation: id };
  if (id === undefined && workload !== undefined) return { workload };
  throw new ChanceryError('USAGE', 'name one attestation, or a workload with --workload');
}
