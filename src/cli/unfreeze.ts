import { Command } from 'commander';
import { newStatementId } from '../ceremony/sign-statement.js';
import { loadConfig } from '../config/chancery-yaml.js';
import { formatTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { buildPayload } from '../sovereign/build-payload.js';
import { mayNot, withAdmin } from './admin-socket.js';
import { collect } from './arguments.js';
import { inForce } from './in-force.js';
import { example } from './output.js';
import { signAndSubmit } from './sign-and-submit.js';
import { policyOf } from './statement-files.js';

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
      const { origin, epoch, freezes } = await freezesNow(options);
      const payload = buildPayload('unfreeze', {
        signer: origin,
        id: newStatementId(),
        epoch,
        issuedAt: formatTime(MACHINE_CLOCK.wall()),
        freeze: freezeOf(freezes, hash),
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      });
      await signAndSubmit(options, payload, async () => (await policyOf(options)).sovereign.authorities);
    });
}

interface Freezes {
  readonly origin: string;
  readonly epoch: number;
  readonly freezes: readonly { readonly hash: string; readonly reason: string }[];
}

/** Of the daemon, so that an operator need not be able to read its ledger; of the ledger when no daemon runs. */
async function freezesNow(options: UnfreezeOptions): Promise<Freezes> {
  try {
    const status = await withAdmin(options, (session) => session.call('getStatus', {}));
    if (status.policy === null) {
      throw new ChanceryError('POLICY_NOT_IN_FORCE', 'the daemon has no policy in force');
    }
    return { origin: status.origin, epoch: status.policy.epoch, freezes: status.freezes };
  } catch (error) {
    if (!(error instanceof ChanceryError) || error.code !== 'DAEMON_UNREACHABLE' || mayNot(error.cause)) {
      throw error;
    }
    const { state, policy } = await inForce(loadConfig(options.config));
    return { origin: policy.signer, epoch: policy.sovereign.epoch, freezes: state.freezes() };
  }
}

function freezeOf(freezes: Freezes['freezes'], hash: string | undefined): string {
  const [only] = freezes;
  if (hash === undefined && only !== undefined && freezes.length === 1) return only.hash;
  const found = freezes.find((freeze) => freeze.hash === hash);
  if (found !== undefined) return found.hash;
  const known = freezes.map((freeze) => `${freeze.hash} (${JSON.stringify(freeze.reason)})`);
  if (known.length === 0) {
    throw new ChanceryError('USAGE', 'nothing is frozen', { hint: '`chancery status` shows every freeze' });
  }
  throw new ChanceryError(
    'USAGE',
    hash === undefined ? `${String(known.length)} freezes are in force: name one` : 'no freeze has that hash',
    { hint: `in force: ${known.join(', ')}` },
  );
}
