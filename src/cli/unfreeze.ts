import { Command } from 'commander';
import { readInForce } from '../ceremony/offline-ledger.js';
import { newStatementId } from '../ceremony/sign-statement.js';
import { loadConfig } from '../config/chancery-yaml.js';
import { formatTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import type { State } from '../ledger/state.js';
import { nodeFiles } from '../os/files.js';
import { buildPayload } from '../sovereign/build-payload.js';
import { collect } from './arguments.js';
import { MACHINE_CLOCK } from './machine.js';
import { example } from './output.js';
import { signAndSubmit } from './sign-and-submit.js';

interface UnfreezeOptions {
  readonly config: string;
  readonly socket?: string;
  readonly identity?: readonly string[];
  readonly request?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

export function unfreezeCommand(): Command {
  return new Command('unfreeze')
    .description("lift one freeze, by the Sovereign's word")
    .argument('[freeze]', 'hash of the freeze entry; the only freeze in force when absent')
    .requiredOption('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket')
    .option('--identity <file>', 'SSH key of an authority; may stand several times', collect)
    .option('--request <file>', 'only write what is to be signed; then `attest sign` and `attest submit`')
    .option('--reason <text>', 'why, for the ledger')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('chancery unfreeze --config demo/chancery.yaml --identity demo/secrets/sovereign'),
    )
    .action(async (hash: string | undefined, options: UnfreezeOptions) => {
      const { state, policy } = await readInForce(loadConfig(options.config), nodeFiles());
      const payload = buildPayload('unfreeze', {
        signer: policy.signer,
        id: newStatementId(),
        epoch: policy.sovereign.epoch,
        issuedAt: formatTime(MACHINE_CLOCK.wall()),
        freeze: freezeOf(state, hash),
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      });
      await signAndSubmit(options, payload, policy);
    });
}

function freezeOf(state: State, hash: string | undefined): string {
  const freezes = state.freezes();
  const [only] = freezes;
  if (hash === undefined && only !== undefined && freezes.length === 1) return only.hash;
  const found = freezes.find((freeze) => freeze.hash === hash);
  if (found !== undefined) return found.hash;
  const known = freezes.map((freeze) => `${freeze.hash} (${JSON.stringify(freeze.reason)})`);
  throw new ChanceryError(
    'USAGE',
    hash === undefined
      ? `${String(freezes.length)} freezes are in force: name one`
      : 'no freeze has that hash',
    { hint: known.length === 0 ? 'nothing is frozen' : `in force: ${known.join(', ')}` },
  );
}
