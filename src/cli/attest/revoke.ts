import { Command } from 'commander';
import { appendNarrowing, thisOperator } from '../../ceremony/narrow.js';
import { revokeWorkload } from '../../ceremony/revoke-workload.js';
import { ChanceryError } from '../../core/errors.js';
import type { AdminMethods } from '../../protocol/admin-methods.js';
import type { ResultOf } from '../../protocol/method.js';
import { wireEntry } from '../../protocol/wire-entry.js';
import { reasonText, type OperatorOptions } from '../arguments.js';
import { daemonOrLedger } from '../daemon-or-ledger.js';
import { EXIT_FAILED } from '../fail.js';
import { example, print } from '../output.js';

interface RevokeOptions extends OperatorOptions {
  readonly workload?: string;
  readonly reason: string;
}

type Revoked = ResultOf<AdminMethods['revokeWorkload']>;

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
      `${example(
        'chancery attest revoke 5f0c… --reason "agent misbehaves" --config demo/chancery.yaml',
        'chancery attest revoke --workload spiffe://dev.chancery.local/agent --reason drill --config demo/chancery.yaml',
      )}\nExit code: 1 also when nothing of the workload held and the policy in force names none of that id: it is revoked\nall the same, and most likely another was meant.\n`,
    )
    .action(async (id: string | undefined, options: RevokeOptions) => {
      const { workload, reason } = options;
      if (id !== undefined && workload === undefined) {
        const { entry } = await revokeOne(options, id);
        print(
          { text: `revoked ${id} (entry ${entry.sequence})`, json: { attestation: id, entry } },
          options.json,
        );
        return;
      }
      if (id !== undefined || workload === undefined) {
        throw new ChanceryError('USAGE', 'name one attestation, or a workload with --workload');
      }
      const revoked = await daemonOrLedger<Revoked>(
        options,
        (session) => session.call('revokeWorkload', { workload, reason }),
        async ({ ledger, policy }) => {
          const asked = { workload, reason, by: thisOperator() };
          const { entry, ended, unknown } = await revokeWorkload(ledger, policy, asked);
          return { entry: wireEntry(entry), ended, ...(unknown === null ? {} : { unknown }) };
        },
      );
      print({ text: revokedText(workload, revoked), json: { workload, ...revoked } }, options.json);
      if (revoked.ended === 0 && revoked.unknown !== undefined) process.exitCode = EXIT_FAILED;
    });
}

async function revokeOne(options: RevokeOptions, id: string): Promise<Pick<Revoked, 'entry'>> {
  const { reason } = options;
  return await daemonOrLedger<Pick<Revoked, 'entry'>>(
    options,
    (session) => session.call('revokeAttestation', { id, reason }),
    async ({ ledger }) => ({
      entry: wireEntry(await appendNarrowing(ledger, { type: 'revocation', attestation: id, reason })),
    }),
  );
}

/** Who mistyped the id of a workload in a hurry must not go away thinking it is stopped. */
function revokedText(workload: string, { entry, ended, unknown }: Revoked): string {
  const count = ended === undefined ? '' : `: ${String(ended)} of its attestations held until now`;
  const lines = [`revoked ${workload} (entry ${entry.sequence})${count}`];
  if (unknown !== undefined) {
    lines.push(
      'WARNING: the policy in force names no such workload, so nothing that can sign was stopped by this',
    );
    lines.push(
      unknown.nearest === null
        ? 'the ids: chancery attest list, chancery policy show'
        : `did you mean ${unknown.nearest}?`,
    );
  }
  return lines.join('\n');
}
