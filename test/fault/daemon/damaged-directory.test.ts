import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { status } from '../../support/site/admin.js';
import { manySegments } from '../../support/site/fill-ledger.js';
import { Holder } from '../../support/site/held.js';
import { Site } from '../../support/site/site.js';

describe('the real daemon on a ledger directory that somebody changed', () => {
  let site: Site;
  let client: Holder;
  let good: string;
  /** Of what the last start said. */
  let said = 0;

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    await site.attest();
    await site.stop();
    await manySegments(site, 3, 8192);
    await site.start();
    client = new Holder(site);
    await client.begin();
    // Named by an entry, and covered by the checkpoint of the stop.
    await vi.waitFor(async () => {
      expect(await readdir(at('snapshots'))).toHaveLength(1);
    }, 10_000);
    await client.sign();
    await site.stop();
    good = join(site.directory, '..', 'good');
    await cp(site.ledger, good, { recursive: true });
  });

  beforeEach(async () => {
    said = site.log.length;
    await rm(site.ledger, { recursive: true });
    await cp(good, site.ledger, { recursive: true });
  });

  afterEach(async () => {
    if (site.running) await site.stop('SIGKILL');
  });

  afterAll(() => site.remove());

  const at = (...names: readonly string[]): string => join(site.ledger, ...names);
  const segments = async (): Promise<string[]> =>
    (await readdir(site.ledger)).filter((name) => name.endsWith('.ledger')).sort();
  const snapshot = async (): Promise<string> => (await readdir(at('snapshots')))[0]!;
  const logged = (pattern: RegExp): Promise<void> =>
    vi.waitFor(() => {
      expect(site.log.slice(said)).toMatch(pattern);
    }, 10_000);

  it('starts from the snapshot when nothing is wrong', async () => {
    await site.start();
    await logged(/"event":"ledger_restored"/);
    await logged(/"event":"snapshot_confirmed"/);
    expect((await status(site)).problems).toEqual([]);
  });

  it.each([
    ['the last segment is missing', (names: readonly string[]) => names.at(-1)!],
    ['a segment after the snapshot is missing', async () => `${(await snapshot()).slice(0, 12)}.ledger`],
  ])('I4: does not start when %s, and changes nothing', async (_, choose) => {
    await rm(at(await choose(await segments())));
    const before = await readdir(site.ledger);
    expect(await site.refusal()).toMatch(
      /^error: LEDGER_DAMAGED: entry \d+ at byte \d+ of \d{12}\.ledger \((segment|checkpoint)\)/m,
    );
    expect(await readdir(site.ledger)).toEqual(before);
  });

  it('I4: freezes every key when a segment before the snapshot is missing, and stays frozen', async () => {
    await rm(at((await segments())[1]!));
    await site.start();
    await logged(/"event":"snapshot_frozen"/);
    expect(await client.sign()).toMatchObject({ ok: false, error: { data: { code: 'KEY_FROZEN' } } });
    expect((await status(site)).freezes).toMatchObject([
      { key: null, reason: expect.stringMatching(/^LEDGER_DAMAGED: .* missing/) as string },
    ]);
    expect((await site.chancery('ledger', 'verify', '--config', site.config)).code).not.toBe(0);
  });

  it('I4: a snapshot with other bytes is ignored, and every entry is read', async () => {
    const name = await snapshot();
    const bytes = await readFile(at('snapshots', name));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(at('snapshots', name), bytes);
    await site.start();
    await logged(/"event":"ledger_snapshot_ignored".*its bytes do not hash to its name/);
    expect(await client.discrepancies()).toEqual([]);
    expect(await client.sign()).toMatchObject({ ok: true });
  });

  it('I4: a snapshot made up under the name that fits is ignored: no entry names it', async () => {
    const name = await snapshot();
    const text = (await readFile(at('snapshots', name), 'utf8')).replace(/^{"(\w+)":/, '{"$1": ');
    const forged = `${name.slice(0, 13)}${createHash('sha256').update(text).digest('hex')}`;
    await rename(at('snapshots', name), at('snapshots', forged));
    await writeFile(at('snapshots', forged), text);
    await site.start();
    await logged(/"event":"ledger_snapshot_ignored".*no entry under the checkpoint names it/);
    expect(await client.sign()).toMatchObject({ ok: true });
  });

  describe('when the snapshot is newer than the ledger', () => {
    beforeEach(async () => {
      const end = Number((await snapshot()).slice(0, 12));
      for (const name of await segments()) if (Number(name.slice(0, 12)) >= end) await rm(at(name));
    });

    it('I4: does not start below the checkpoint beside the ledger', async () => {
      expect(await site.refusal()).toMatch(
        /^error: LEDGER_DAMAGED: .*\(checkpoint\): the checkpoint beside the ledger covers \d+ entries$/m,
      );
    });

    it('I4: with the checkpoint gone too the snapshot counts for nothing', async () => {
      await rm(at('checkpoint'));
      await site.start();
      await logged(/"event":"ledger_snapshot_ignored".*no checkpoint covers it/);
      // An older state: what it held is spent again as far as it knows. Anchors outside the directory tell.
      expect((await client.discrepancies()).length).toBeGreaterThan(0);
    });
  });

  it('I5: a second daemon on the directory refuses, and the first signs on', async () => {
    await site.start();
    const second = await site.chancery('serve', '--config', site.config);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      /^error: LEDGER_LOCKED: another process writes the ledger in \S+\nhint: stop the other daemon/m,
    );
    expect(await client.sign()).toMatchObject({ ok: true });
    expect((await status(site)).problems).toEqual([]);
  });

  it('does not start without any segment', async () => {
    for (const name of await segments()) await rm(at(name));
    expect(await site.refusal()).toMatch(/^error: LEDGER_MISSING: /m);
  });
});
