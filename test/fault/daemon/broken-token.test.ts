import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { faultyModule, type FaultyModule } from '../../support/hsm/faulty-module.js';
import { page, status } from '../../support/site/admin.js';
import { Holder } from '../../support/site/held.js';
import { runningHosts, signalHosts } from '../../support/site/hosts.js';
import { ledgerLines, ofType } from '../../support/site/ledger-lines.js';
import { tradingKey, verifies } from '../../support/site/signing.js';
import { Site } from '../../support/site/site.js';
import { withoutLimits } from '../../support/site/without-limits.js';

const CLIENTS = 16;
const UNAVAILABLE = { ok: false, error: { data: { code: 'HSM_UNAVAILABLE' } } };

describe('the real daemon on a token that breaks while 16 clients sign', () => {
  let site: Site;
  let client: Holder;
  let module: FaultyModule;

  beforeAll(async () => {
    site = await Site.make();
    module = faultyModule(site.directory, { SOFTHSM2_CONF: join(site.directory, 'softhsm2.conf') });
    const environment = JSON.stringify(module.access.environment);
    await site.configure((text) =>
      text
        .replace(/^( +)module: .*/m, `$1module: ${module.access.module}`)
        .replace(/^( +)environment: .*/m, `$1environment: ${environment}`)
        .replace(/^ledger: .*/m, 'ledger: { directory: ledger, checkpointInterval: 10m }'),
    );
    await site.start();
    await site.changePolicy(withoutLimits);
    await site.attest();
    client = new Holder(site);
    await client.begin();
  });

  afterEach(() => {
    module.command();
  });

  afterAll(() => site.remove());

  const readLedger = (): Promise<unknown[]> => ledgerLines(site.ledger);

  const fresh = async (from: number) => (await ledgerLines(site.ledger)).slice(from);

  const signsAgain = (): Promise<void> =>
    vi.waitFor(async () => {
      expect(await client.sign()).toMatchObject({ ok: true });
    }, 15_000);

  /**
   * The clients ask without pause while `fault` happens, and until it resolves: how many were refused. Each was signed
   * or told HSM_UNAVAILABLE, each refusal is an outcome in the ledger unless the token was known to be away and nothing
   * was authorized, and no authorization is without an outcome.
   */
  async function refusedUnderLoad(fault: () => Promise<void>): Promise<number> {
    const before = (await ledgerLines(site.ledger)).length;
    const asked = { signed: 0, refused: 0, on: true };
    const ask = async (): Promise<void> => {
      while (asked.on) {
        const answer = await client.sign();
        if (!answer.ok) expect(answer).toMatchObject(UNAVAILABLE);
        asked[answer.ok ? 'signed' : 'refused'] += 1;
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, ask));
    while (asked.signed < 2 * CLIENTS) await sleep(5);
    await fault().finally(() => (asked.on = false));
    await clients;
    const entries = await fresh(before);
    const failed = ofType(entries, 'failure').map(({ code }) => code);
    expect(ofType(entries, 'authorization')).toHaveLength(asked.signed + failed.length);
    expect(ofType(entries, 'signature')).toHaveLength(asked.signed);
    expect(new Set(failed)).toEqual(new Set(['HSM_UNAVAILABLE']));
    expect(failed.length).toBeLessThanOrEqual(asked.refused);
    expect((await status(site)).open).toEqual([]);
    return asked.refused;
  }

  const nextHost = (old: readonly number[]): Promise<void> =>
    vi.waitFor(async () => {
      for (const pid of await runningHosts(site.daemonPid)) expect(old).not.toContain(pid);
    }, 20_000);

  it.each([
    [
      'is stopped, and so gives no answer',
      /"reason":"no answer for 10000 ms"/,
      () => signalHosts(site.daemonPid, 'SIGSTOP'),
    ],
    [
      'is killed',
      /"reason":"signal SIGKILL"/,
      async () => {
        // It may just have nothing to do: stopped first, it has what every client asked for.
        const hosts = await signalHosts(site.daemonPid, 'SIGSTOP');
        await vi.waitFor(async () => {
          expect((await status(site)).open).toHaveLength(CLIENTS);
        });
        await signalHosts(site.daemonPid, 'SIGKILL');
        return hosts;
      },
    ],
    [
      'crashes in the module',
      /"reason":"signal SIGSEGV"/,
      async () => {
        const hosts = await runningHosts(site.daemonPid);
        module.command('C_Sign crash');
        return hosts;
      },
    ],
  ])('I3: the host %s: those in flight fail, a new host signs on', async (_, reason, strike) => {
    const from = site.log.length;
    const refused = await refusedUnderLoad(async () => {
      const struck = await strike();
      await vi.waitFor(() => {
        expect(site.log.slice(from)).toMatch(reason);
      }, 15_000);
      module.command();
      await nextHost(struck);
    });
    expect(refused).toBeGreaterThan(0);
    await signsAgain();
    expect(await client.discrepancies()).toEqual([]);
    expect((await status(site)).problems).toEqual([]);
  });

  it('I10: the token is gone for a while: nothing is signed, health says why, and it goes on by itself', async () => {
    const tokens = join(site.directory, 'tokens');
    const refused = await refusedUnderLoad(async () => {
      await rename(tokens, `${tokens}.away`);
      await vi.waitFor(async () => {
        expect((await status(site)).problems).toEqual([
          expect.stringMatching(
            /^HSM_UNAVAILABLE: token main is restarting: cannot initialise the module .+: CKR_GENERAL_ERROR/,
          ),
        ]);
      }, 8000);
      expect((await page(site, '/readyz')).status).toBe(503);
      // Known to be away, it takes no more from the limits of those who keep asking.
      const { limits } = await tradingKey(site);
      const authorized = async () => ofType(await ledgerLines(site.ledger), 'authorization').length;
      const before = await authorized();
      for (let asked = 0; asked < 20; asked++) expect(await client.sign()).toMatchObject(UNAVAILABLE);
      expect(await authorized()).toBe(before);
      expect((await tradingKey(site)).limits).toEqual(limits);
      expect((await tradingKey(site)).publicKey).toBe(client.publicKey);
      await rename(`${tokens}.away`, tokens);
    });
    expect(refused).toBeGreaterThan(0);
    await signsAgain();
    expect(await client.discrepancies()).toEqual([]);
    expect((await status(site)).problems).toEqual([]);
  });

  it('the module is in the host alone: it can neither crash nor hang the daemon, nor be forked with it', async () => {
    const maps = (pid: number): Promise<string> => readFile(`/proc/${String(pid)}/maps`, 'utf8');
    const [host] = await runningHosts(site.daemonPid);
    expect(await maps(host!)).toContain(module.access.module);
    for (const name of [module.access.module, 'libsofthsm2', 'pkcs11.node']) {
      expect(await maps(site.daemonPid)).not.toContain(name);
    }
  });

  it('a start without the token fails and forgets nothing: with the token back, the key signs as before', async () => {
    expect(await site.stop()).toBe(0);
    const tokens = join(site.directory, 'tokens');
    const kept = await Promise.all([readLedger(), readFile(join(site.directory, 'policy.yaml'))]);
    await rename(tokens, `${tokens}.away`);
    try {
      expect(await site.refusal()).toMatch(/HSM_UNAVAILABLE: token main: cannot initialise the module/);
      await mkdir(tokens, { mode: 0o700 });
      expect(await site.refusal()).toMatch(/TOKEN_NOT_FOUND: token main: no token "\w+"/);
    } finally {
      await rm(tokens, { recursive: true, force: true });
      await rename(`${tokens}.away`, tokens);
    }
    expect(await Promise.all([readLedger(), readFile(join(site.directory, 'policy.yaml'))])).toEqual(kept);
    await site.start();
    expect(await client.sign()).toMatchObject({ ok: true });
    expect((await tradingKey(site)).publicKey).toBe(client.publicKey);
  });

  it('I1: a flipped bit latches the key, in the ledger, through a restart; the signature goes nowhere', async () => {
    const before = (await ledgerLines(site.ledger)).length;
    module.command('C_Sign corrupt 77');
    const answers = await Promise.all(Array.from({ length: CLIENTS }, () => client.sign()));
    module.command();
    const refused = answers.filter(({ ok }) => !ok);
    for (const answer of refused) expect(answer).toMatchObject(UNAVAILABLE);
    expect(refused.length).toBeGreaterThan(0);
    // Those that came after the latch were not authorized.
    const failures = ofType(await fresh(before), 'failure').length;
    expect(failures).toBeGreaterThan(0);
    expect(failures).toBeLessThanOrEqual(refused.length);
    expect((await status(site)).open).toEqual([]);
    expect(await client.sign()).toMatchObject(UNAVAILABLE);
    expect((await page(site, '/metrics')).body).toMatch(
      /^chancery_events_total\{event="key_latched"\} [1-9]/m,
    );
    const [latch] = ofType(await fresh(before), 'key');
    expect(latch).toMatchObject({ action: 'latch', publicKey: client.publicKey });
    const states = (await status(site)).keys.map(({ id, state }) => [id, state]);
    expect(states).toEqual([
      ['trading-1', 'latched'],
      ['ledger', 'usable'],
    ]);
    await site.stop('SIGKILL');
    await site.start();
    expect(await client.sign()).toMatchObject(UNAVAILABLE);
    expect((await status(site)).keys.find(({ id }) => id === 'trading-1')?.state).toBe('latched');
    expect(await client.discrepancies()).toEqual([]);
    // The correct signature of the same bytes is the other half of what would reveal the key.
    const entries = await ledgerLines(site.ledger);
    const messages = new Map(
      ofType(entries, 'authorization').map(({ sequence, message }) => [sequence, message]),
    );
    for (const { authorization, signature } of ofType(entries, 'signature')) {
      const message = Buffer.from(messages.get(authorization)!, 'base64');
      expect(verifies(client.publicKey, message, signature)).toBe(true);
    }
    expect((await tradingKey(site)).publicKey).toBe(client.publicKey);
    expect(await site.stop()).toBe(0);
    expect(await site.chancery('ledger', 'verify', '--config', site.config)).toMatchObject({ code: 0 });
  });
});
