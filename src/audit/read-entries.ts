import { ChanceryError } from '../core/errors.js';
import type { Entry, EntryType } from '../ledger/entries.js';
import type { Damage } from './read/damage.js';
import type { Progress } from './read/progress.js';
import { listSegments, sizeOf, type LedgerFiles, type Segment } from './read/segments.js';
import { walk, type Step } from './read/walk.js';

export interface ReadOptions extends LedgerFiles {
  /** First and last sequence wanted, both included. */
  readonly from?: number;
  readonly to?: number;
  readonly filter?: EntryFilter;
  /** Called for each entry read, wanted or not. */
  readonly progress?: ((progress: Progress) => void) | undefined;
}

/** All that are given must hold. Times in milliseconds, `since` included, `until` excluded. */
export interface EntryFilter {
  readonly types?: ReadonlySet<EntryType>;
  /** Key id of the policy. */
  readonly key?: string;
  readonly workload?: string;
  readonly since?: number;
  readonly until?: number;
}

/**
 * The entries in order, each checked against its hash and its place in the chain from the segment on in which
 * reading began. A torn tail is the end. Throws LEDGER_DAMAGED at the first entry that is not sound,
 * LEDGER_MISSING, FILE_UNREADABLE.
 */
export async function* readEntries(options: ReadOptions): AsyncGenerator<Step, void, void> {
  yield* readSegments(await listSegments(options), options, new OutcomeLinks(options.filter));
}

async function* readSegments(
  segments: readonly Segment[],
  { from = 0, to = Number.POSITIVE_INFINITY, progress }: Omit<ReadOptions, keyof LedgerFiles>,
  links: OutcomeLinks,
): AsyncGenerator<Step, void, void> {
  const totalBytes = sizeOf(segments);
  let [entries, bytes] = [0, 0];
  for await (const walked of walk(segments, from)) {
    if (walked.damage !== undefined) {
      if (walked.damage.kind === 'torn-tail') return;
      throw damaged(walked.damage);
    }
    for (const step of walked.steps) {
      if (step.sequence > to) return;
      progress?.({ entries: (entries += 1), bytes: (bytes += step.length), totalBytes });
      const wanted = links.wanted(step);
      if (step.sequence >= from && wanted) yield step;
    }
  }
}

/** Taken away together: to drop the oldest of a hundred thousand one by one moves all the others each time. */
const SPARE = 4096;

/** The last `count` entries, oldest first. Reads at most twice the segments it must. Throws as `readEntries`. */
export async function lastEntries(
  files: LedgerFiles,
  count: number,
  filter: EntryFilter = {},
): Promise<Step[]> {
  const segments = await listSegments(files);
  for (let back = 1; ; back *= 2) {
    const index = Math.max(0, segments.length - back);
    const from = segments[index]?.first ?? 0;
    const links = new OutcomeLinks(filter);
    const last: Step[] = [];
    for await (const step of readSegments(segments, { from }, links)) {
      last.push(step);
      if (last.length >= count + SPARE) last.splice(0, last.length - count);
    }
    last.splice(0, Math.max(0, last.length - count));
    // An outcome among them whose authorization was not read may be one of them.
    const whole = last.length >= count && links.unknown < (last[0]?.sequence ?? Number.POSITIVE_INFINITY);
    if (whole || index === 0) return last;
  }
}

/** One entry. Throws USAGE when the ledger has no such sequence, and as `readEntries`. */
export async function entryAt(files: LedgerFiles, sequence: number): Promise<Step> {
  for await (const step of readEntries({ ...files, from: sequence, to: sequence })) return step;
  throw new ChanceryError('USAGE', `the ledger has no entry ${String(sequence)}`);
}

function damaged(damage: Damage): ChanceryError {
  const where = `${damage.file} at byte ${String(damage.offset)}`;
  const message = `entry ${String(damage.sequence)} (${where}) is damaged: ${damage.message}`;
  const hint =
    damage.kind === 'segment'
      ? 'say with --archive where the segments are that were moved; `chancery ledger verify` says more'
      : 'run `chancery ledger verify` and keep the files as they are';
  return new ChanceryError('LEDGER_DAMAGED', message, { hint });
}

/** Outcomes name no key and no workload: they follow the authorization they belong to. */
class OutcomeLinks {
  readonly #filter: EntryFilter;
  readonly #open = new Map<string, boolean>();
  #unknown = -1;

  constructor(filter: EntryFilter = {}) {
    this.#filter = filter;
  }

  /** The last outcome left out because its authorization stands before where reading began; -1 when none was. */
  get unknown(): number {
    return this.#unknown;
  }

  wanted({ entry, time }: Step): boolean {
    const { types, since, until } = this.#filter;
    const mine = this.#belongs(entry);
    if (!mine || (types !== undefined && !types.has(entry.type))) return false;
    return (since === undefined || time >= since) && (until === undefined || time < until);
  }

  #belongs(entry: Entry): boolean {
    const { key, workload } = this.#filter;
    if (key === undefined && workload === undefined) return true;
    if (entry.type === 'signature' || entry.type === 'failure' || entry.type === 'recovered') {
      const mine = this.#open.get(entry.authorization);
      if (mine === undefined) this.#unknown = Number(entry.sequence);
      this.#open.delete(entry.authorization);
      return mine ?? false;
    }
    const mine =
      (key === undefined || ('key' in entry && entry.key === key)) &&
      (workload === undefined || ('workload' in entry && entry.workload === workload));
    if (entry.type === 'authorization') this.#open.set(entry.sequence, mine);
    return mine;
  }
}
