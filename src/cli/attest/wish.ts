import type { Command } from 'commander';
import {
  attestationPayload,
  needsChallenge,
  type AttestationWish,
} from '../../ceremony/attestation-payload.js';
import { loadConfig } from '../../config/chancery-yaml.js';
import { MACHINE_CLOCK } from '../../os/machine-clock.js';
import type { Policy } from '../../policy/policy.js';
import { withAdmin } from '../admin-socket.js';
import { collect, duration, wholeNumber, type OperatorOptions } from '../arguments.js';
import { inForce } from '../in-force.js';

export interface WishOptions extends OperatorOptions {
  readonly workload: string;
  readonly key: readonly string[];
  readonly ttl?: number;
  readonly reason?: string;
  readonly possession?: string;
  readonly challenge?: boolean;
  readonly uses?: number;
  readonly most?: readonly string[];
  readonly destination?: readonly string[];
  readonly program?: readonly string[];
}

/** The options that say what an attestation is to grant. */
export function withWish(command: Command): Command {
  return command
    .option('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket, for the challenge; from chancery.yaml when absent')
    .option('--policy <file>', 'policy.yaml in force; from chancery.yaml when absent')
    .requiredOption('--workload <id>', 'SPIFFE ID of the workload')
    .requiredOption('--key <id>', 'key of the policy; may stand several times', collect)
    .option('--ttl <duration>', 'how long it holds; 30m when absent', duration)
    .option('--reason <text>', 'why, for the ledger')
    .option('--possession <key>', 'only on connections that prove this key (base58)')
    .option('--challenge', 'name a fresh head of the ledger, even where the policy does not require it')
    .option('--uses <count>', 'good for so many signatures', wholeNumber)
    .option(
      '--most <amount>',
      'at most so much a transaction, as "0.1 SOL"; may stand several times',
      collect,
    )
    .option(
      '--destination <address>',
      'payments only to this address, which a swap is not: narrow the programs too; may stand several times',
      collect,
    )
    .option('--program <name>', 'only this program; may stand several times', collect);
}

/** The bytes to be signed. */
export async function wishedPayload(options: WishOptions, policy: Policy): Promise<Uint8Array> {
  const wanted = options.challenge === true || needsChallenge(policy, options.key);
  const wish: AttestationWish = {
    workload: options.workload,
    keys: options.key,
    ttl: options.ttl,
    reason: options.reason,
    possession: options.possession,
    challenge: wanted ? await freshHead(options) : undefined,
    uses: options.uses,
    most: options.most,
    destinations: options.destination,
    programs: options.program,
  };
  return attestationPayload(policy, wish, MACHINE_CLOCK.wall());
}

/** A head that the ledger remembers: the daemon makes one; a ledger at rest has the last it gave out. */
async function freshHead(options: WishOptions): Promise<{ size: number; root: string }> {
  try {
    const { ledger } = await withAdmin(options, (session) => session.call('createChallenge', {}));
    return { size: ledger.size, root: ledger.root };
  } catch (error) {
    if (options.config === undefined) throw error;
    const { state } = await inForce(loadConfig(options.config));
    const { size, root } = state.challenge();
    return { size, root };
  }
}
