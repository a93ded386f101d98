import { SmallDisk } from '../disk/small-disk.js';
import { moveLedger } from '../site/move-ledger.js';
import { Site } from '../site/site.js';
import { withoutLimits } from '../site/without-limits.js';
import type { Random } from '../solana-loss/random.js';
import { Clients } from './clients.js';
import { compareWithLedger, type LedgerCounts } from './compare.js';
import { FAULTS, HAPPEN, type Fault, type Kills, type Scene } from './faults.js';

export interface CampaignReport {
  /** Rounds, by what happened in them. */
  readonly faults: Readonly<Record<Fault, number>>;
  readonly kills: Kills;
  /** Requests to which a daemon that was killed gave no answer. */
  readonly cutOff: number;
  /** Signatures that clients received. */
  readonly received: number;
  readonly counts: LedgerCounts;
}

/** So that a ledger stays short enough to be verified after each round. */
const ROUNDS_OF_A_SITE = 28;
/** Well within the 10 minutes for which the daemon remembers what it signed, and the attestation. */
const MINUTES_OF_A_SITE = 5;
const KILOBYTES = 96 * 1024;
const NOTHING: LedgerCounts = { authorizations: 0, repeats: 0, recovered: 0, failures: 0 };

/**
 * Clients that ask without pause and ask again for what was cut off, while the daemon, its HSM host, its disk or its
 * clock fail at random moments; after each round the daemon must sign, and what the clients hold, what the ledger says,
 * what the meters count, and `chancery ledger verify` are compared. Rejects at the first difference and keeps the
 * directory, which it names. `goOn` is asked before each round.
 */
export async function campaign(
  random: Random,
  goOn: (rounds: number) => boolean,
  progress: (fault: Fault, report: CampaignReport) => void = () => undefined,
): Promise<CampaignReport> {
  const faults = { daemon: 0, point: 0, start: 0, host: 0, write: 0, full: 0, clock: 0 };
  const faultsOf = deck(random);
  const kills = { daemon: 0, host: 0 };
  let total: CampaignReport = { faults, kills, cutOff: 0, received: 0, counts: NOTHING };
  let rounds = 0;
  while (goOn(rounds)) {
    const site = await Site.make();
    let disk: SmallDisk | null = null;
    try {
      disk = await onSmallDisk(site, random);
      const scene: Scene = { site, random, disk, clients: await Clients.of(site, random) };
      const before = total;
      const end = performance.now() + MINUTES_OF_A_SITE * 60_000;
      for (let n = 0; n < ROUNDS_OF_A_SITE && performance.now() < end && goOn(rounds); n++) {
        const fault = faultsOf(disk !== null);
        const killed = await HAPPEN[fault](scene).catch((cause: unknown) => {
          throw new Error(`${fault}: ${String(cause)}`, { cause });
        });
        const counts = await compare(scene).catch((cause: unknown) => {
          throw new Error(`after ${fault}: ${String(cause)}`, { cause });
        });
        faults[fault] += 1;
        kills.daemon += killed.daemon;
        kills.host += killed.host;
        rounds += 1;
        const { held, cutOff } = scene.clients;
        total = {
          ...total,
          cutOff: before.cutOff + cutOff,
          received: before.received + held.signatures.size,
          counts: sum(before.counts, counts),
        };
        progress(fault, total);
      }
    } catch (error) {
      if (site.running) await site.stop('SIGKILL');
      const mounted = disk === null ? '' : `; first umount ${site.ledger} to remove it`;
      const where = `the directory is kept: ${site.directory}${mounted}`;
      throw new Error(`${String(error)}\n${where}\n${site.log.slice(-2000)}`, { cause: error });
    }
    await site.stop('SIGKILL');
    disk?.remove();
    await site.remove();
  }
  return total;
}

async function compare({ site, clients }: Scene): Promise<LedgerCounts> {
  await clients.signOne();
  return compareWithLedger(site, clients.held);
}

/** A site whose limits no campaign reaches, attested, running, with its ledger on a disk that can be filled. */
async function onSmallDisk(site: Site, random: Random): Promise<SmallDisk | null> {
  await site.start();
  await site.changePolicy(withoutLimits);
  await site.attest();
  await site.stop();
  // A disk that syncs gives kills time to fall into a write; one in memory gives many more rounds.
  const mount = random.chance(50)
    ? (directory: string) => SmallDisk.ext4(directory, KILOBYTES)
    : (directory: string) => SmallDisk.tmpfs(directory, KILOBYTES);
  const disk = await moveLedger(site, mount);
  await site.start();
  return disk.refused === null ? disk : null;
}

/** Every fault once in a random order, then again; a full disk only where there is one to fill. */
function deck(random: Random): (small: boolean) => Fault {
  let left: Fault[] = [];
  return (small) => {
    if (left.length === 0) left = [...FAULTS];
    const [fault = 'daemon'] = left.splice(random.below(left.length), 1);
    return fault === 'full' && !small ? 'daemon' : fault;
  };
}

function sum(one: LedgerCounts, other: LedgerCounts): LedgerCounts {
  return {
    authorizations: one.authorizations + other.authorizations,
    repeats: one.repeats + other.repeats,
    recovered: one.recovered + other.recovered,
    failures: one.failures + other.failures,
  };
}
