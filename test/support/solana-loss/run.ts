import type { Pubkey } from '../../../src/core/pubkey.js';
import { resolveAccounts } from '../../../src/solana/accounts.js';
import { wire } from '../solana-build.js';
import { Vm } from '../solana-svm.js';
import { compare, judged, toScenario, type Prepared } from './check.js';
import { Random } from './random.js';
import { FamilyReport } from './report.js';
import { compileMessage, randomInstructions, widestContext } from './scenario.js';
import type { Violation } from './violation.js';
import { createCast, createWorld, type Cast, type World } from './world.js';

export const CASTS = 24;
const BATCH = 50;

export interface RunOptions {
  readonly firstSeed: number;
  /** Stop when so many transactions were executed. */
  readonly transactions: number;
  readonly until?: () => boolean;
}

const contexts = new WeakMap<Cast, ReturnType<typeof widestContext>>();

export function contextOf(cast: Cast): ReturnType<typeof widestContext> {
  const known = contexts.get(cast) ?? widestContext(cast);
  contexts.set(cast, known);
  return known;
}

/** The state a seed names, and whether it keeps the promise of `ownAccounts: trusted`. */
export function worldOf(cast: Cast, seed: number): World {
  const random = new Random(seed);
  const trusted = random.chance(40);
  return createWorld(cast, random, trusted);
}

/** The scenario a seed names; null when the signer would refuse all its transactions. */
function prepare(cast: Cast, seed: number): Prepared | null {
  // Of their own, so that a saved case needs only the seed of its world.
  const random = new Random(seed ^ 0x5bd1e995);
  const steps: Prepared['steps'][number][] = [];
  const count = random.pick([1, 2, 4]);
  for (let step = 0; step < count; step++) {
    const message = compileMessage(cast, random, randomInstructions(cast, random));
    const version = message[0] === 0x81 ? 1 : message[0] === 0x80 ? 0 : 'legacy';
    const signatures = message[version === 'legacy' ? 0 : 1] ?? 0;
    const bytes = wire(version, message, signatures);
    const assessment = judged(bytes, contextOf(cast));
    if (assessment !== null) steps.push({ wire: bytes, assessment });
  }
  if (steps.length === 0) return null;
  const world = worldOf(cast, seed);
  return { seed, world, watch: reachedBy(world, steps), steps };
}

/** Accounts the steps can reach; the rest of the world cannot change, and setting it would cost more than running. */
export function reachedBy(world: World, steps: Prepared['steps']): Pubkey[] {
  const reached = new Set<Pubkey>([world.cast.key]);
  for (const { assessment } of steps) {
    const { message } = assessment;
    for (const account of resolveAccounts(message, contextOf(world.cast).tables)) {
      if (account !== null) reached.add(account);
    }
    for (const lookup of message.lookups) reached.add(lookup.table);
    // What the policy does not pin the signer cannot name: the chain can.
    if (message.lookups.length > 0) reached.add(world.cast.late);
  }
  return [...reached].filter((account) => world.accounts.has(account));
}

/** Runs scenarios until enough transactions were executed or one lost more than was counted. */
export async function runLoss(
  options: RunOptions,
): Promise<{ report: FamilyReport; violation: Violation | null; nextSeed: number }> {
  const casts = Array.from({ length: CASTS }, (_, index) => createCast(index));
  const report = new FamilyReport();
  const vm = new Vm();
  let seed = options.firstSeed;
  const nextBatch = (): Prepared[] => {
    const batch: Prepared[] = [];
    while (batch.length < BATCH) {
      const cast = casts[seed % CASTS];
      const prepared = cast === undefined ? null : prepare(cast, seed);
      seed++;
      if (prepared !== null) batch.push(prepared);
    }
    return batch;
  };
  try {
    let running = nextBatch();
    while (report.executed < options.transactions && options.until?.() !== true) {
      const reply = vm.run(running.map(toScenario));
      // Prepared while the VM works on the one before.
      const following = nextBatch();
      const results = await reply;
      for (const [index, prepared] of running.entries()) {
        const steps = results[index] ?? [];
        report.add(prepared, steps);
        const undercount = compare(prepared, steps);
        if (undercount !== null) return { report, violation: { undercount, prepared }, nextSeed: seed };
      }
      running = following;
    }
    return { report, violation: null, nextSeed: seed };
  } finally {
    await vm.stop();
  }
}
