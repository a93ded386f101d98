import { describe, expect, it } from 'vitest';
import { campaign, type CampaignReport } from '../../support/campaign/campaign.js';
import { FAULTS } from '../../support/campaign/faults.js';
import { Random } from '../../support/solana-loss/random.js';

/** Set by `npm run fault`; without, each fault once. */
const MINUTES = Number(process.env['CHANCERY_FAULT_MINUTES'] ?? 0);
const SEED = Number(process.env['CHANCERY_FAULT_SEED'] ?? Date.now() % 2 ** 31);

describe('I3, I4, I10: killed, short of disk, or with a wrong clock, under load', () => {
  it(
    'every signature a client received is in the ledger, and spend is the sum of the authorizations',
    async () => {
      const end = performance.now() + MINUTES * 60_000;
      const goOn = (rounds: number): boolean => rounds < FAULTS.length || performance.now() < end;
      const tell = (report: CampaignReport): void => {
        if (MINUTES > 0) console.log(text(report));
      };
      const report = await campaign(new Random(SEED), goOn, tell).catch((cause: unknown) => {
        throw new Error(`seed ${String(SEED)}: ${String(cause)}`, { cause });
      });
      if (MINUTES > 0) console.log(`no difference, seed ${String(SEED)}: ${text(report)}`);
      const { full, ...others } = report.faults;
      if (full === 0) console.warn('no disk was filled: this process may not mount');
      expect(Math.min(...Object.values(others))).toBeGreaterThan(0);
      expect(report.received).toBeGreaterThan(FAULTS.length);
      expect(report.counts.repeats).toBeGreaterThan(0);
    },
    MINUTES * 60_000 + 300_000,
  );
});

function text({ faults, received, counts }: CampaignReport): string {
  const { daemon, point, start, host, write, full, clock } = faults;
  const { authorizations, repeats, recovered, failures } = counts;
  const rounds = Object.values(faults).reduce((sum, one) => sum + one, 0);
  return [
    `${String(rounds)} rounds: daemon killed ${String(daemon)}, at a point ${String(point)}, while starting ${String(start)}, HSM host ${String(host)}, write failed ${String(write)}, disk full ${String(full)}, clock set ${String(clock)}`,
    `${String(received)} signatures held, ${String(authorizations)} authorizations`,
    `${String(repeats)} repeats, ${String(recovered)} recovered, ${String(failures)} failed`,
  ].join('; ');
}
