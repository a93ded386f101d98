import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../solana-loss/random.js';
import { compareWithLedger, type Held, type LedgerCounts } from './compare-with-ledger.js';
import { hostPids } from './host-pids.js';
import { countedSol, sign, tradingKey } from './signing.js';
import { Site } from './site.js';
import { transfer } from './transfer.js';

export interface CampaignReport {
  readonly kills: Readonly<Record<Victim, number>>;
  /** Signatures that clients received. */
  readonly received: number;
  readonly counts: LedgerCounts;
}

/** `start`: the daemon, while it starts after it was killed. */
const VICTIMS = ['daemon', 'start', 'host'] as const;
type Victim = (typeof VICTIMS)[number];

const CLIENTS = 16;
/** So that a ledger stays short enough to be verified after each kill, and its window holds every spend. */
const ROUNDS_OF_A_SITE = 24;
const NOTHING: LedgerCounts = { authorizations: 0, repeats: 0, recovered: 0, failures: 0 };

/**
 * Clients that ask without pause and ask again for what was cut off, a daemon or its HSM host that is killed without
 * warning at random moments, and after each kill the comparison of what the clients hold, what the ledger says, what
 * the meters count, and `chancery ledger verify`. Rejects at the first difference and keeps the directory, which it
 * names. `goOn` is asked before each round.
 */
export async function killCampaign(
  random: Random,
  goOn: (rounds: number) => boolean,
  progress: (report: CampaignReport) => void = () => undefined,
): Promise<CampaignReport> {
  const kills = { daemon: 0, start: 0, host: 0 };
  let received = 0;
  let counts = NOTHING;
  let rounds = 0;
  while (goOn(rounds)) {
    const site = await openSite();
    try {
      const campaign = await SiteCampaign.begin(site, random);
      let report = { received: 0, counts: NOTHING };
      for (let n = 0; n < ROUNDS_OF_A_SITE && goOn(rounds); n++) {
        const victim = VICTIMS[rounds % VICTIMS.length] ?? 'daemon';
        report = await campaign.round(victim);
        kills[victim] += 1;
        rounds += 1;
        progress({ kills, received: received + report.received, counts: sum(counts, report.counts) });
      }
      received += report.received;
      counts = sum(counts, report.counts);
      await site.remove();
    } catch (error) {
      if (site.running) await site.stop('SIGKILL');
      throw new Error(
        `${String(error)}\nthe directory is kept: ${site.directory}\n${site.log.slice(-2000)}`,
        {
          cause: error,
        },
      );
    }
  }
  return { kills, received, counts };
}

/** A site whose limits no campaign reaches, attested, running. */
async function openSite(): Promise<Site> {
  const site = await Site.make();
  await site.start();
  await site.changePolicy((text) =>
    text
      .replace(/max: "?2 SOL"?/, 'max: "1000000 SOL"')
      .replace(/rate: \{[^}]*\}/, '')
      .replace(/^( +)fee: /m, '$1rate: { max: 10000000, window: 1m }\n$1fee: '),
  );
  await site.attest();
  return site;
}

class SiteCampaign {
  readonly #site: Site;
  readonly #random: Random;
  readonly #publicKey: string;
  readonly #held: Held;
  /** Asked for and not answered: to be asked for again. */
  readonly #cutOff: string[] = [];
  #nonce: number;

  private constructor(site: Site, random: Random, publicKey: string, each: bigint) {
    this.#site = site;
    this.#random = random;
    this.#publicKey = publicKey;
    this.#held = { signatures: new Map(), each };
    this.#nonce = random.below(2 ** 30);
  }

  static async begin(site: Site, random: Random): Promise<SiteCampaign> {
    const { publicKey } = await tradingKey(site);
    const each = await countedSol(site, transfer(publicKey, 1000n, 0));
    return new SiteCampaign(site, random, publicKey, each);
  }

  async round(victim: Victim): Promise<{ readonly received: number; readonly counts: LedgerCounts }> {
    const running = { on: true };
    const clients = Promise.all(Array.from({ length: CLIENTS }, () => this.#client(running)));
    // A client that finds something ends the round, at once.
    await Promise.race([clients, sleep(30 + this.#random.below(400))]);
    if (victim === 'host') await this.#killHosts();
    else {
      await this.#site.stop('SIGKILL');
      running.on = false;
      await clients;
      if (victim === 'start') await this.#killStart();
      await this.#site.start();
    }
    running.on = false;
    await clients;
    return { received: this.#held.signatures.size, counts: await compareWithLedger(this.#site, this.#held) };
  }

  async #client(running: { readonly on: boolean }): Promise<void> {
    while (running.on) {
      const wire = this.#cutOff.pop() ?? this.#again() ?? transfer(this.#publicKey, 1000n, ++this.#nonce);
      try {
        const answer = await sign(this.#site, wire);
        if (answer.ok) this.#keep(wire, answer.result.signature);
        else if (answer.error.data.code === 'HSM_UNAVAILABLE') this.#cutOff.push(wire);
        else throw new Error(`refused: ${answer.error.data.code}: ${answer.error.message}`);
      } catch (error) {
        // A connection that broke is what the campaign is about; anything else is a finding.
        const broken = /ECONNRESET|ECONNREFUSED|ENOENT|EPIPE|socket hang up/;
        if (!(error instanceof Error && broken.test(error.message))) throw error;
        this.#cutOff.push(wire);
        return;
      }
    }
  }

  /** Now and then what a client has already: identical bytes are one transaction, and count once. */
  #again(): string | null {
    if (!this.#random.chance(5)) return null;
    const [first] = this.#held.signatures.values();
    return first ?? null;
  }

  #keep(wire: string, signature: string): void {
    const before = this.#held.signatures.get(signature);
    if (before !== undefined && before !== wire)
      throw new Error(`two transactions have the signature ${signature}`);
    this.#held.signatures.set(signature, wire);
  }

  async #killHosts(): Promise<void> {
    for (const pid of await hostPids(this.#site.daemonPid)) process.kill(pid, 'SIGKILL');
    await sleep(this.#random.below(400));
  }

  async #killStart(): Promise<void> {
    const started = this.#site.start().catch(() => undefined);
    await sleep(this.#random.below(1500));
    await this.#site.stop('SIGKILL');
    await started;
  }
}

function sum(one: LedgerCounts, other: LedgerCounts): LedgerCounts {
  return {
    authorizations: one.authorizations + other.authorizations,
    repeats: one.repeats + other.repeats,
    recovered: one.recovered + other.recovered,
    failures: one.failures + other.failures,
  };
}
