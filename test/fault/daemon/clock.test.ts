import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freeze, page, status } from '../../support/site/admin.js';
import { Holder } from '../../support/site/held.js';
import { ledgerLines, ofType } from '../../support/site/ledger-lines.js';
import { explain, tradingKey } from '../../support/site/signing.js';
import { Site } from '../../support/site/site.js';

const PRELOAD = fileURLToPath(new URL('../../support/site/shift-clock.mjs', import.meta.url));
const HOUR = 3_600_000;

describe('the real daemon under a clock that somebody set', () => {
  let site: Site;
  let client: Holder;

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    await site.attest();
    client = new Holder(site);
    await client.begin();
    await client.sign();
  });

  afterAll(() => site.remove());

  const startAt = (shift: number): Promise<void> =>
    site.start(PRELOAD, { CHANCERY_TEST_CLOCK_MS: String(shift) });

  async function timesAscend(): Promise<void> {
    const times = (await ledgerLines(site.ledger)).map(({ time }) => time);
    expect(times).toEqual([...times].sort());
  }

  it.each([
    ['forward', HOUR, /^CLOCK_JUMPED: the wall clock moved 3600 s against the boot clock$/],
    ['back', -HOUR, /^CLOCK_JUMPED: the wall clock moved -3600 s against the boot clock$/],
  ])(
    'I10: set %s while it runs, every key is frozen in the ledger, with a sane time, also after a restart',
    async (_, shift, reason) => {
      const before = (await ledgerLines(site.ledger)).length;
      const freezes = async () => ofType((await ledgerLines(site.ledger)).slice(before), 'freeze');
      await site.stop();
      await site.start(PRELOAD, {
        CHANCERY_TEST_CLOCK_MS: String(shift),
        CHANCERY_TEST_CLOCK_ON_SIGNAL: '1',
      });
      expect(await client.sign()).toMatchObject({ ok: true });
      process.kill(site.daemonPid, 'SIGUSR2');
      await vi.waitFor(async () => {
        expect(await client.sign()).toMatchObject({ ok: false, error: { data: { code: 'CLOCK_JUMPED' } } });
        expect(await freezes()).toHaveLength(1);
      }, 10_000);
      const [frozen] = await freezes();
      expect(frozen?.reason).toMatch(reason);
      expect(Math.abs(Date.parse(frozen!.time) - Date.now())).toBeLessThan(HOUR / 2);
      await site.stop();
      await site.start();
      expect(await client.sign()).toMatchObject({ ok: false, error: { data: { code: 'KEY_FROZEN' } } });
      const [record] = (await status(site)).freezes;
      await site.unfreeze(record!.hash);
      expect(await client.sign()).toMatchObject({ ok: true });
      await timesAscend();
    },
  );

  it('I10: behind the ledger at a start, it signs nothing, reads and freezes, and time in the ledger does not go back', async () => {
    await site.stop();
    await startAt(-HOUR);
    expect(await client.sign()).toMatchObject({ ok: false, error: { data: { code: 'CLOCK_JUMPED' } } });
    const { ready, problems } = await status(site);
    expect(ready).toBe(false);
    expect(problems.join()).toMatch(
      /CLOCK_JUMPED: .* the wall clock is \d+ s behind the ledger's last entry/,
    );
    expect((await page(site, '/readyz')).status).toBe(503);
    expect((await tradingKey(site)).publicKey).toBe(client.publicKey);
    await explain(site, client.next());
    const frozen = await freeze(site, 'look at the clock', 'trading-1');
    if (!frozen.ok) throw new Error(frozen.error.message);
    await site.stop();
    await timesAscend();
    await site.start();
    await site.unfreeze(frozen.result.entry.hash);
    expect(await client.sign()).toMatchObject({ ok: true });
    expect(await client.discrepancies()).toEqual([]);
  });

  it('I10: ahead at a start, attestations have expired; right again, it waits until the ledger is past', async () => {
    await site.stop();
    await startAt(HOUR);
    expect(await client.sign()).toMatchObject({
      ok: false,
      error: { data: { code: 'ATTESTATION_EXPIRED' } },
    });
    await site.stop();
    await site.start();
    expect(await client.sign()).toMatchObject({ ok: false, error: { data: { code: 'CLOCK_JUMPED' } } });
    expect(await site.stop()).toBe(0);
    await timesAscend();
    expect(await site.chancery('ledger', 'verify', '--config', site.config)).toMatchObject({ code: 0 });
  });
});
