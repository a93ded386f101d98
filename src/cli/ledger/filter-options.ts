import { InvalidArgumentError, type Command } from 'commander';
import type { EntryFilter } from '../../audit/read-entries.js';
import { parseTime } from '../../core/clock.js';
import { parseDuration } from '../../core/duration.js';
import { ENTRY_TYPES, isEntryType, type EntryType } from '../../ledger/entries.js';
import { MACHINE_CLOCK } from '../../os/machine-clock.js';

export interface FilterOptions {
  readonly type?: readonly EntryType[];
  readonly key?: string;
  readonly workload?: string;
  readonly since?: number;
  readonly until?: number;
}

/** `--type`, `--key` and `--workload`. */
export function withFilter(command: Command): Command {
  return withSubject(
    command.option('--type <type>', 'only entries of this type; may stand several times', collectTypes),
  );
}

/** `--key` and `--workload`. */
export function withSubject(command: Command): Command {
  return command
    .option('--key <id>', 'only what concerns this key')
    .option('--workload <id>', 'only what concerns this workload');
}

/** `--since` and `--until`. */
export function withTime(command: Command): Command {
  const form = '(2026-03-01, 2026-03-01T10:00:00Z, or 30d: so long ago)';
  return command
    .option('--since <time>', `from then on ${form}`, moment)
    .option('--until <time>', 'up to then, without it', moment);
}

/** Without what is not given; other options are left out. */
export function filterOf({ type, key, workload, since, until }: FilterOptions): EntryFilter {
  return {
    ...(type === undefined ? {} : { types: new Set(type) }),
    ...(key === undefined ? {} : { key }),
    ...(workload === undefined ? {} : { workload }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

/** For commander: a point in time, in milliseconds. A date alone is its beginning in UTC. */
function moment(text: string): number {
  const ago = parseDuration(text);
  if (ago !== null) return MACHINE_CLOCK.wall() - ago;
  const time = parseTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (time !== null) return time;
  throw new InvalidArgumentError('expected 2026-03-01, 2026-03-01T10:00:00Z (UTC) or a duration like 30d');
}

function collectTypes(text: string, previous: readonly EntryType[] | undefined): readonly EntryType[] {
  if (!isEntryType(text)) {
    throw new InvalidArgumentError(`expected one of ${ENTRY_TYPES.join(', ')}`);
  }
  return [...(previous ?? []), text];
}
