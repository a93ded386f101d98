import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  });

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

  it('a key that was put on the token before the daemon refused to record it is told of, and recorded later', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
    const file = join(site.directory, 'secrets', 'id.json');
    const bytes = [...Buffer.from(d, 'base64url'), ...Buffer.from(x, 'base64url')];
    await writeFile(file, JSON.stringify(bytes), { mode: 0o600 });
    await startWith('read', 'narrow', 'submit');
    const put = ['--label', 'old', '--config', site.config];
    const refused = await site.chancery('keys', 'import', file, ...put);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('UNKNOWN_METHOD: ');
    expect(refused.stderr).toContain('; key "old" lies on the token all the same, unrecorded\n');
    expect(refused.stderr).toMatch(/^hint: .*ceremony.*`chancery keys import --label old` without a file/m);
    await startWith('read', 'ceremony');
    expect(await site.chancery('keys', 'import', ...put)).toMatchObject({ code: 0 });
  });
});
