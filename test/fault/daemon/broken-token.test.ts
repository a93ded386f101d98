import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { faultyModule, type FaultyModule } from '../../support/hsm/faulty-module.js';
import { status } from '../../support/site/admin.js';
import { Holder } from '../../support/site/held.js';
import { ledgerLines, ofType } from '../../support/site/ledger-lines.js';
import { tradingKey, verifies } from '../../support/site/signing.js';
import { Site } from '../../support/site/site.js';

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
    await site.attest();
    client = new Holder(site);
    await client.begin();
  });

  afterEach(() => {
    module.command();
  });

  afterAll(() => site.remove());

  const fresh = async (from: number) => (await ledgerLines(site.ledger)).slice(from);

  /** All clients ask until one of them is refused; the answers of that last round. */
  async function signUntilItBreaks(...commands: readonly string[]): Promise<readonly unknown[]> {
    const round = (): Promise<Awaited<ReturnType<Holder['sign']>>[]> =>
      Promise.all(Array.from({ length: CLIENTS }, () => client.sign()));
    expect((await round()).every(({ ok }) => ok)).toBe(true);
    const before = (await ledgerLines(site.ledger)).length;
    module.command(...commands);
    const answers = await round();
    module.command();
    for (const answer of answers) if (!answer.ok) expect(answer).toMatchObject(UNAVAILABLE);
    expect(answers.some(({ ok }) => !ok)).toBe(true);
    // As many failures in the ledger as clients that were told so, and nothing without an outcome.
    const entries = await fresh(before);
    expect(ofType(entries, 'authorization')).toHaveLength(CLIENTS);
    expect(ofType(entries, 'failure')).toHaveLength(answers.filter(({ ok }) => !ok).length);
    expect((await status(site)).open).toEqual([]);
    return answers;
  }

  const signsAgain = (): Promise<void> =>
    vi.waitFor(async () => {
      expect(await client.sign()).toMatchObject({ ok: true });
    }, 15_000);

  it.each([
    ['crashes', 'C_Sign crash', /signal SIGSEGV/],
    ['hangs', 'C_Sign hang', /no answer for 10000 ms/],
  ])('I3: the host %s: those in flight fail, a new host signs on', async (_, command, reason) => {
    await signUntilItBreaks(command);
    await signsAgain();
    expect(await client.discrepancies()).toEqual([]);
    await vi.waitFor(() => {
      expect(site.log).toMatch(reason);
    }, 5000);
    expect((await status(site)).problems).toEqual([]);
  });

  it('I1: a flipped bit latches the key, in the ledger, through a restart; the signature goes nowhere', async () => {
    const before = (await ledgerLines(site.ledger)).length;
    await signUntilItBreaks('C_Sign corrupt 77');
    expect(await client.sign()).toMatchObject(UNAVAILABLE);
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
