import { Command } from 'commander';
import { newStatementId } from '../../ceremony/sign-statement.js';
import { loadConfig } from '../../config/chancery-yaml.js';
import { formatTime } from '../../core/clock.js';
import { MACHINE_CLOCK } from '../../os/machine-clock.js';
import { buildPayload } from '../../sovereign/build-payload.js';
import { collect, rootHash, wholeNumber } from '../arguments.js';
import { inForce } from '../in-force.js';
import { example } from '../output.js';
import { signAndSubmit } from '../sign-and-submit.js';

interface AcceptRollbackOptions {
  readonly config: string;
  readonly socket?: string;
  readonly size: number;
  readonly root: string;
  readonly identity?: readonly string[];
  readonly request?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

export function acceptRollbackCommand(): Command {
  return new Command('accept-rollback')
    .description(
      "go on from a ledger that an anchor stands against, by the Sovereign's word; voids every statement before it and fills every spend window",
    )
    .requiredOption('--config <file>', 'chancery.yaml')
    .requiredOption('--size <entries>', 'entries of the ledger as `chancery status` shows them', wholeNumber)
    .requiredOption('--root <base64>', 'its root, from there too', rootHash)
    .option('--socket <path>', 'admin socket')
    .option('--identity <file>', 'SSH key of an authority; may stand several times', collect)
    .option('--request <file>', 'only write what is to be signed; then `attest sign` and `attest submit`')
    .option('--reason <text>', 'why, for the ledger')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example(
        'chancery ledger accept-rollback --config demo/chancery.yaml --size 42 --root "…" --request accept',
      ),
    )
    .action(async (options: AcceptRollbackOptions) => {
      const { policy } = await inForce(loadConfig(options.config));
      const payload = buildPayload('accept-rollback', {
        signer: policy.signer,
        id: newStatementId(),
        epoch: policy.sovereign.epoch,
        issuedAt: formatTime(MACHINE_CLOCK.wall()),
        size: options.size,
        root: options.root,
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      });
      await signAndSubmit(options, payload, () => Promise.resolve(policy.sovereign.authorities));
    });
}
