import { describe, expect, it } from 'vitest';
import { Random } from '../../support/solana-loss/random.js';
import { killCampaign, type CampaignReport } from '../../support/site/kill-campaign.js';

/** Set by `npm run fault`; without, a few rounds. */
const MINUTES = Number(process.env['CHANCERY_FAULT_MINUTES'] ?? 0);
const SEED = Number(process.env['CHANCERY_FAULT_SEED'] ?? Date.now() % 2 ** 31);
const ROUNDS = 6;

describe('I3, I4: killed under load', () => {
  it(
    'every signature a client received is in the ledger, and spend is the sum of the authorizations',
    async () => {
      const end = performance.now() + MINUTES * 60_000;
      const goOn = (rounds: number): boolean => (MINUTES > 0 ? performance.now() < end : rounds < ROUNDS);
      const tell = (report: CampaignReport): void => {
        if (MINUTES > 0) console.log(text(report));
      };
      const report = await killCampaign(new Random(SEED), goOn, tell).catch((cause: unknown) => {
        throw new Error(`seed ${String(SEED)}: ${String(cause)}`, { cause });
      });
      if (MINUTES > 0) console.log(`nothing lost, nothing made up, seed ${String(SEED)}: ${text(report)}`);
      const { daemon, start, host } = report.kills;
      expect(Math.min(daemon, start, host)).toBeGreaterThan(0);
      expect(report.received).toBeGreaterThan(ROUNDS);
      expect(report.counts.repeats).toBeGreaterThan(0);
    },
    MINUTES * 60_000 + 180_000,
  );
});

function text({ kills, received, counts }: CampaignReport): string {
  const { daemon, start, host } = kills;
  const { authorizations, repeats, recovered, failures } = counts;
  return [
    `${String(daemon + start + host)} kills (${String(daemon)} daemon, ${String(start)} while starting, ${String(host)} HSM host)`,
    `${String(received)} signatures held, ${String(authorizations)} authorizations`,
    `${String(repeats)} repeats, ${String(recovered)} recovered, ${String(failures)} failed`,
  ].join('; ');
}
