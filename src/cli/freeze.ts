import { Command } from 'commander';
import { appendNarrowing } from '../ceremony/narrow.js';
import { signedSince } from '../ceremony/signed-since.js';
import { ChanceryError } from '../core/errors.js';
import type { MadeSignature } from '../core/made-signature.js';
import { quote } from '../core/schema.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { LANDING_MS, MOST_RECENT, type AdminMethods } from '../protocol/admin-methods.js';
import { wireMayLand } from '../protocol/may-land.js';
import type { ResultOf } from '../protocol/method.js';
import { wireEntry } from '../protocol/wire-entry.js';
import { reasonText, type OperatorOptions } from './arguments.js';
import { daemonOrLedger } from './daemon-or-ledger.js';
import { example, print, table } from './output.js';
import { shellPath } from './shell-word.js';

interface FreezeOptions extends OperatorOptions {
  readonly key?: string;
  readonly all?: boolean;
  readonly reason: string;
}

type Frozen = ResultOf<AdminMethods['freeze']>;

export function freezeCommand(): Command {
  return new Command('freeze')
    .description('stop signing with one key or all, at once; prints what was signed and may still land')
    .option('--key <id>', 'this key')
    .option('--all', 'every key')
    .requiredOption('--reason <text>', 'why, for the ledger', reasonText)
    .option('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('chancery freeze --all --reason "odd transfers" --config demo/chancery.yaml'),
    )
    .action(async (options: FreezeOptions) => {
      const { key, reason } = options;
      if ((key === undefined) === (options.all !== true)) {
        throw new ChanceryError('USAGE', 'say what to freeze: --key ID or --all');
      }
      const frozen = await daemonOrLedger<Frozen>(
        options,
        (session) => session.call('freeze', { ...(key === undefined ? {} : { key }), reason }),
        async ({ ledger, files, policy }, config) => {
          const found = key === undefined ? undefined : policy.keys.get(key);
          if (key !== undefined && found === undefined) {
            throw new ChanceryError('UNKNOWN_KEY', `the policy has no key ${quote(key)}`, {
              hint: `it has ${[...policy.keys.keys()].join(', ')}`,
            });
          }
          const subject = found === undefined ? {} : { key: found.id, publicKey: found.address };
          const entry = await appendNarrowing(ledger, { type: 'freeze', ...subject, reason });
          const signed: MadeSignature[] = [];
          await signedSince(files, config.ledger.directory, MACHINE_CLOCK.wall() - LANDING_MS, (one) => {
            signed.push(one);
          });
          return { entry: wireEntry(entry), recent: wireMayLand(signed, found?.address ?? null) };
        },
      );
      print({ text: frozenText(options, frozen), json: frozen }, options.json);
    });
}

function frozenText({ key, config }: FreezeOptions, { entry, recent }: Frozen): string {
  const lines = [`${key ?? 'every key'} is frozen (entry ${entry.sequence}, ${entry.hash})`];
  if (recent.length === 0) lines.push('nothing was signed in the last 5 minutes');
  else {
    const most = recent.length >= MOST_RECENT ? `the newest ${String(recent.length)} ` : '';
    lines.push(`${most}signed in the last 5 minutes, may still land:`);
    lines.push(table(recent.map((one) => ['', one.time, one.key, one.signature, `entry ${one.sequence}`])));
  }
  const where = config === undefined ? 'FILE' : shellPath(config);
  lines.push(`to lift it: chancery unfreeze ${entry.hash} --config ${where} --identity KEYFILE`);
  return lines.join('\n');
}
