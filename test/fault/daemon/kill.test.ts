import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killCampaign } from '../../support/site/kill-campaign.js';
import { Site } from '../../support/site/site.js';

const ROUNDS = 8;

describe('I3, I4: killed under load', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    await site.changePolicy((text) =>
      text
        .replace(/max: "?2 SOL"?/, 'max: "1000000 SOL"')
        .replace(/rate: \{[^}]*\}/, '')
        .replace(/^( +)fee: /m, '$1rate: { max: 10000000, window: 1m }\n$1fee: '),
    );
    await site.attest();
    await site.stop();
  }, 60_000);

  afterAll(async () => {
    await site.remove();
  });

  it('every signature a client received is in the ledger, and spend is the sum of the authorizations', async () => {
    const report = await killCampaign(site, ROUNDS, Math.random);
    expect(report.kills).toBe(ROUNDS);
    expect(report.received).toBeGreaterThan(ROUNDS);
    await site.stop();
    const verified = await site.chancery('ledger', 'verify', '--config', site.config);
    expect(verified).toMatchObject({ code: 0 });
  }, 120_000);
});
