import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerLines } from '../../support/site/ledger-lines.js';
import { sign, tradingKey } from '../../support/site/signing.js';
import { Site } from '../../support/site/site.js';
import { transfer } from '../../support/site/transfer.js';

const PRELOAD = fileURLToPath(new URL('../../support/site/full-log.mjs', import.meta.url));

describe('I10: with its log on a full disk', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.make();
    await site.start(PRELOAD);
  });

  afterAll(() => site.remove());

  it('the daemon signs, freezes, and stops in order', async () => {
    await site.attest();
    const { publicKey } = await tradingKey(site);
    for (let nonce = 0; nonce < 50; nonce++) {
      expect(await sign(site, transfer(publicKey, 1000n, nonce))).toMatchObject({ ok: true });
    }
    const frozen = await site.chancery('freeze', '--all', '--reason', 'drill', '--config', site.config);
    expect(frozen.code).toBe(0);
    expect(await sign(site, transfer(publicKey, 1000n, 99))).toMatchObject({
      ok: false,
      error: { data: { code: 'KEY_FROZEN' } },
    });
    expect(await site.stop()).toBe(0);
    expect((await ledgerLines(site.ledger)).at(-1)).toMatchObject({ type: 'stop', reason: 'SIGTERM' });
  });
});
