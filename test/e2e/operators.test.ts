import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeze, status } from '../support/site/admin.js';
import { rpc } from '../support/site/rpc.js';
import { Site } from '../support/site/site.js';

const REFUSED = { ok: false, error: { data: { code: 'UNKNOWN_METHOD' } } };
const EMPTY = { statement: { payload: Buffer.from('{}').toString('base64'), signatures: [] } };

describe('operators of chancery.yaml, with the real daemon', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.make();
  }, 60_000);

  afterAll(() => site.remove());

  /** Starts with one operator: the uid of this test. */
  async function startWith(...powers: readonly string[]): Promise<void> {
    if (site.running) await site.stop();
    const uid = String(process.geteuid?.());
    const operators = `operators: [{ uid: ${uid}, may: [${powers.join(', ')}] }]\n`;
    await site.configure((text) => text.replace(/^operators: .*\n/m, '') + operators);
    await site.start();
  }

  it('I8: who may read can neither freeze nor submit', async () => {
    await startWith('read');
    expect((await status(site)).freezes).toEqual([]);
    expect(await freeze(site, 'drill')).toMatchObject(REFUSED);
    expect(await rpc(site.adminSocket, 'submitStatement', EMPTY)).toMatchObject(REFUSED);
    expect(await rpc(site.adminSocket, 'createChallenge')).toMatchObject(REFUSED);
    expect((await status(site)).freezes).toEqual([]);
    // The socket of agents has no command of operators at all.
    expect(await rpc(site.signerSocket, 'freeze', { reason: 'drill' })).toMatchObject(REFUSED);
  });

  it('who may narrow freezes, and still submits nothing', async () => {
    await startWith('read', 'narrow');
    expect(await rpc(site.adminSocket, 'submitStatement', EMPTY)).toMatchObject(REFUSED);
    expect(await freeze(site, 'drill')).toMatchObject({ ok: true });
    expect((await status(site)).freezes).toMatchObject([{ reason: 'drill', key: null }]);
  });
});
