import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KILL_POINTS, type KillPoint } from '../../src/signing/points.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { countedSol, sign, tradingKey } from '../support/site/signing.js';
import { Site } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';

const PRELOAD = fileURLToPath(new URL('../support/site/kill-at.mjs', import.meta.url));

/** What must be found after a restart, for a request that was cut off at each point. */
const AFTER: Readonly<Record<KillPoint, 'nothing' | 'recovered' | 'signature'>> = {
  decoded: 'nothing',
  authorized: 'recovered',
  dispatched: 'recovered',
  signed: 'recovered',
  enrolled: 'signature',
};

describe('I3: killed at every point of the path, client, ledger and meters agree', () => {
  let site: Site;
  let publicKey: string;
  let nonce = 0;

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    await site.attest();
    publicKey = (await tradingKey(site)).publicKey;
    await site.stop();
  });

  afterAll(async () => {
    await site.remove();
  });

  it.each(KILL_POINTS)(
    'at %s',
    async (point) => {
      const before = (await ledgerLines(site.ledger)).length;
      await site.start(PRELOAD, { CHANCERY_TEST_KILL_AT: point });
      const wire = transfer(publicKey, 1_000_000n, ++nonce);
      const counts = await countedSol(site, wire);
      const spentBefore = spentSol(await tradingKey(site));
      await expect(sign(site, wire)).rejects.toThrow();
      expect(await site.ended()).toBe('SIGKILL');

      await site.start();
      const fresh = (await ledgerLines(site.ledger)).slice(before);
      const authorizations = ofType(fresh, 'authorization');
      const expected = AFTER[point];
      expect(authorizations.length).toBe(expected === 'nothing' ? 0 : 1);
      expect(ofType(fresh, 'recovered').length).toBe(expected === 'recovered' ? 1 : 0);
      expect(ofType(fresh, 'signature').length).toBe(expected === 'signature' ? 1 : 0);
      // What a crash interrupted stays counted: the token may have signed.
      const spent = spentSol(await tradingKey(site)) - spentBefore;
      expect(spent).toBe(expected === 'nothing' ? 0n : counts);

      const again = await sign(site, wire);
      expect(again.ok).toBe(true);
      expect(spentSol(await tradingKey(site)) - spentBefore).toBe(counts);
      expect(await site.stop()).toBe(0);
      expect((await site.chancery('ledger', 'verify', '--config', site.config)).code).toBe(0);
    },
    60_000,
  );
});

function spentSol(key: Awaited<ReturnType<typeof tradingKey>>): bigint {
  return BigInt(key.limits.find(({ asset }) => asset === 'SOL')?.spent ?? '0');
}
