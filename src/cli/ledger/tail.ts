import { Command, InvalidArgumentError } from 'commander';
import { lastEntries, type EntryFilter } from '../../audit/read-entries.js';
import { entryLine } from '../../audit/report/entry-text.js';
import { jsonLine } from '../../audit/report/export.js';
import type { EntryType } from '../../ledger/entries.js';
import { wholeNumber } from '../arguments.js';
import { example } from '../output.js';
import { ledgerDirectory, type PlaceOptions } from './place.js';

/** Every type of entry, so that a mistyped one is an error and not an empty answer. */
const TYPES: Readonly<Record<EntryType, true>> = {
  genesis: true,
  start: true,
  stop: true,
  policy: true,
  statement: true,
  authorization: true,
  signature: true,
  failure: true,
  recovered: true,
  denial: true,
  freeze: true,
  unfreeze: true,
  revocation: true,
  key: true,
  snapshot: true,
  tick: true,
  repair: true,
  alert: true,
};

interface TailOptions extends PlaceOptions {
  readonly count: number;
  readonly type?: readonly EntryType[];
  readonly key?: string;
  readonly workload?: string;
  readonly json?: boolean;
}

export function tailCommand(): Command {
  return new Command('tail')
    .description('the newest entries, a line each')
    .option('--config <file>', 'chancery.yaml, for the directory')
    .option('--ledger <directory>', 'the ledger itself')
    .option('-n, --count <count>', 'how many', wholeNumber, 20)
    .option('--type <type>', 'only entries of this type; may stand several times', collectTypes)
    .option('--key <id>', 'only what concerns this key')
    .option('--workload <id>', 'only what concerns this workload')
    .option('--json', 'print JSON, a line each')
    .addHelpText('after', example('chancery ledger tail --config demo/chancery.yaml --type denial'))
    .action(async (options: TailOptions) => {
      const { type, key, workload } = options;
      const filter: EntryFilter = {
        ...(type === undefined ? {} : { types: new Set(type) }),
        ...(key === undefined ? {} : { key }),
        ...(workload === undefined ? {} : { workload }),
      };
      const steps = await lastEntries(ledgerDirectory(options), options.count, filter);
      for (const step of steps) {
        process.stdout.write(`${options.json === true ? jsonLine(step) : entryLine(step)}\n`);
      }
    });
}

function collectTypes(text: string, previous: readonly EntryType[] | undefined): readonly EntryType[] {
  if (!isType(text)) {
    throw new InvalidArgumentError(`expected one of ${Object.keys(TYPES).join(', ')}`);
  }
  return [...(previous ?? []), text];
}

function isType(text: string): text is EntryType {
  return Object.hasOwn(TYPES, text);
}
