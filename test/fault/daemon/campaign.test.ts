import { describe, expect, it } from 'vitest';
import { campaign, type CampaignReport } from '../../support/campaign/campaign.js';
import { FAULTS, type Fault } from '../../support/campaign/faults.js';
import { Random } from '../../support/solana-loss/random.js';

/** Set by `npm run fault`; without, each fault once. */
const MINUTES = Number(process.env['CHANCERY_FAULT_MINUTES'] ?? 0);
const SEED = Number(process.env['CHANCERY_FAULT_SEED'] ?? Date.now() % 2 ** 31);

const NAMES: Readonly<Record<Fault, string>> = {
  daemon: 'daemon killed',
  point: 'daemon killed at a point',
  start: 'daemon killed while starting',
  host: 'HSM host killed',
  write: 'write failed',
  full: 'disk full',
  clock: 'clock set',
};

describe('I3, I4, I10: killed, short of disk, or with a wrong clock, under load', () => {
  it(
    'every signature a client received is in the ledger, and spend is the sum of the authorizations',
    async () => {
      const end = performance.now() + MINUTES * 60_000;
      const goOn = (rounds: number): boolean => rounds < FAULTS.length || performance.now() < end;
      const tell = (fault: Fault, report: CampaignReport): void => {
        if (MINUTES > 0) console.log(`round ${String(rounds(report))}, ${NAMES[fault]}: ${sums(report)}`);
      };
      const report = await campaign(new Random(SEED), goOn, tell).catch((cause: unknown) => {
        throw new Error(`seed ${String(SEED)}: ${String(cause)}`, { cause });
      });
      if (MINUTES > 0) console.log(summary(report));
      const { full, ...others } = report.faults;
      if (full === 0) console.warn('no disk was filled: this process may not mount');
      expect(Math.min(...Object.values(others))).toBeGreaterThan(0);
      expect(report.kills.daemon).toBeGreaterThanOrEqual(others.daemon + others.point + 2 * others.start);
      expect(report.kills.host).toBeGreaterThanOrEqual(others.host);
      expect(report.cutOff).toBeGreaterThan(0);
      expect(report.received).toBeGreaterThan(FAULTS.length);
      expect(report.counts.repeats).toBeGreaterThan(0);
    },
    MINUTES * 60_000 + 300_000,
  );
});

function rounds({ faults }: CampaignReport): number {
  return Object.values(faults).reduce((sum, one) => sum + one, 0);
}

/** Since the beginning. */
function sums({ kills, cutOff, received, counts }: CampaignReport): string {
  const { authorizations, repeats, recovered, failures } = counts;
  return [
    `killed: daemon ${String(kills.daemon)}, host ${String(kills.host)}; requests cut off ${String(cutOff)}`,
    `signatures held ${String(received)}`,
    `authorizations ${String(authorizations)} (repeats ${String(repeats)}, recovered ${String(recovered)}, failed ${String(failures)})`,
  ].join('; ');
}

function summary(report: CampaignReport): string {
  const kinds = Object.entries(report.faults).map(
    ([fault, count]) => `${NAMES[fault as Fault]} ${String(count)}`,
  );
  return [
    `no signature lost, none counted twice, the ledger verified after each of ${String(rounds(report))} rounds, seed ${String(SEED)}`,
    `rounds: ${kinds.join(', ')}`,
    sums(report),
  ].join('\n');
}
