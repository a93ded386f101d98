import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi, type TestContext } from 'vitest';
import { FaultyDisk } from '../../support/disk/faulty-disk.js';
import { SmallDisk } from '../../support/disk/small-disk.js';
import { freeze, page, status } from '../../support/site/admin.js';
import { fillSegment } from '../../support/site/fill-ledger.js';
import { Holder } from '../../support/site/held.js';
import { ledgerLines, ofType } from '../../support/site/ledger-lines.js';
import { moveLedger } from '../../support/site/move-ledger.js';
import { explain, tradingKey } from '../../support/site/signing.js';
import { Site } from '../../support/site/site.js';

const MEBIBYTE = 1 << 20;
const UNAVAILABLE = { ok: false, error: { data: { code: 'LEDGER_UNAVAILABLE' } } };

/** A site that was attested, and stopped; its ledger moved to a disk of its own. */
async function siteOn(mount: (directory: string) => SmallDisk): Promise<[Site, SmallDisk, Holder]> {
  const site = await Site.make();
  await site.start();
  await site.attest();
  const client = new Holder(site);
  await client.begin();
  await site.stop();
  return [site, await moveLedger(site, mount), client];
}

function requireMount(context: TestContext, disk: SmallDisk): void {
  if (disk.refused !== null) context.skip(`this process may not mount (${disk.refused})`);
}

describe('the real daemon on a small file system', () => {
  let site: Site;
  let disk: SmallDisk;
  let client: Holder;

  beforeAll(async () => {
    [site, disk, client] = await siteOn((directory) => SmallDisk.tmpfs(directory, 48 * 1024));
  });

  afterAll(async () => {
    if (site.running) await site.stop('SIGKILL');
    disk.remove();
    await site.remove();
  });

  it('does not start where it may not write, and reads what is there', async (context) => {
    requireMount(context, disk);
    disk.remount('ro');
    const refused = await site.refusal();
    expect(refused).toMatch(
      /^error: LEDGER_UNAVAILABLE: the ledger cannot be opened \(EROFS, .*\/lock\)\nhint: /m,
    );
    expect(await site.chancery('ledger', 'verify', '--config', site.config)).toMatchObject({ code: 0 });
    const { stdout } = await site.chancery('doctor', '--config', site.config);
    expect(stdout).toMatch(/daemon: whether it runs is not known: the lock cannot be tried \(EROFS\)/);
    expect(stdout).toMatch(/fsync: nothing can be written in .* \(EROFS\)/);
    disk.remount('rw');
  });

  it('does not start on a full disk, and leaves it as it was', async (context) => {
    requireMount(context, disk);
    disk.leave(MEBIBYTE);
    const before = await readdir(site.ledger);
    const refused = await site.refusal();
    expect(refused).toMatch(
      /^error: LEDGER_UNAVAILABLE: the ledger cannot be opened \(ENOSPC, .*\.tmp\)\nhint: .*room/m,
    );
    expect(await readdir(site.ledger)).toEqual(before);
    disk.leave(48 * MEBIBYTE);
  });

  it('I10: full while it runs, it stops signing, still freezes, and goes on by itself when there is space', async (context) => {
    requireMount(context, disk);
    // Room to write the last segment anew, none for the next one, and little until the reserve.
    await fillSegment(site, MEBIBYTE + 30_000);
    disk.leave(16.5 * MEBIBYTE);
    await site.start();
    const shortage = 'no room for another segment (ENOSPC)';
    await vi.waitFor(async () => {
      expect((await status(site)).problems).toEqual([
        `LEDGER_UNAVAILABLE: signing stops when the segment in use is full: ${shortage}`,
      ]);
    }, 5000);
    expect((await page(site, '/readyz')).status).toBe(200);
    let refused: unknown;
    for (let n = 0; n < 60 && refused === undefined; n++) {
      const answer = await client.sign();
      if (!answer.ok) refused = answer;
    }
    expect(refused).toMatchObject(UNAVAILABLE);
    const { ready, problems, ledger } = await status(site);
    expect([ready, ledger.unavailable]).toEqual([false, null]);
    expect(problems).toEqual([
      `LEDGER_UNAVAILABLE: what is left of the ledger is kept for outcomes and freezes: ${shortage}`,
    ]);
    expect((await page(site, '/readyz')).status).toBe(503);
    expect((await page(site, '/metrics')).body).toContain('chancery_events_total{event="ledger_full"}');
    const frozen = await freeze(site, 'the disk is full', 'trading-1');
    if (!frozen.ok) throw new Error(frozen.error.message);
    expect(ofType(await ledgerLines(site.ledger), 'freeze')).toHaveLength(1);
    expect((await tradingKey(site)).publicKey).toBe(client.publicKey);
    expect(await client.discrepancies()).toEqual([]);

    disk.leave(48 * MEBIBYTE);
    // Nobody asks for a signature while it is not ready: with the only wallet frozen it is not, disk or no disk.
    await vi.waitFor(async () => {
      expect((await status(site)).problems.join()).not.toContain('LEDGER_UNAVAILABLE');
    }, 5000);
    await site.unfreeze(frozen.result.entry.hash);
    expect((await status(site)).ready).toBe(true);
    expect(await client.sign()).toMatchObject({ ok: true });
    expect(await client.discrepancies()).toEqual([]);
    expect(await site.stop()).toBe(0);
    expect(await site.chancery('ledger', 'verify', '--config', site.config)).toMatchObject({ code: 0 });
  });
});

describe('the real daemon on an ext4 that breaks down', () => {
  let site: Site;
  let disk: SmallDisk;
  let client: Holder;

  beforeAll(async () => {
    [site, disk, client] = await siteOn((directory) => SmallDisk.ext4(directory, 96 * 1024));
  });

  afterAll(async () => {
    if (site.running) await site.stop('SIGKILL');
    disk.remove();
    await site.remove();
  });

  it.for([
    ['libuv', '0'],
    ['io_uring', '1'],
  ])(
    'I10: read-only while it runs, it stops signing for good and answers reads (writes by %s)',
    async ([by, uring], context) => {
      requireMount(context, disk);
      const shim = new FaultyDisk(site.ledger);
      const before = shim.calls(/./).length;
      await site.start(undefined, { ...shim.environment, UV_USE_IO_URING: uring });
      expect(await client.sign()).toMatchObject({ ok: true });
      const commits = shim
        .calls(/./)
        .slice(before)
        .filter(({ path }) => path.endsWith('.ledger'));
      if (by === 'io_uring' && commits.length > 0) context.skip('the kernel gives no io_uring here');
      expect(commits.length > 0).toBe(by === 'libuv');
      disk.breakDown();
      expect(await client.sign()).toMatchObject(UNAVAILABLE);
      const { ready, ledger } = await status(site);
      expect(ready).toBe(false);
      expect(ledger.unavailable).toMatch(/^writing the ledger failed \((EROFS|EIO)\)$/);
      expect((await page(site, '/readyz')).status).toBe(503);
      expect((await tradingKey(site)).publicKey).toBe(client.publicKey);
      expect((await explain(site, client.next())).counted.length).toBeGreaterThan(0);
      // It cannot write its last entries, and says so, and ends all the same.
      expect(await site.stop()).toBe(0);
      expect(site.log).toContain('"event":"stop_not_written"');
      expect(await site.refusal()).toMatch(
        /^error: LEDGER_UNAVAILABLE: the ledger cannot be opened \((EROFS|EIO), .*\)/m,
      );

      disk.repair();
      await site.start();
      expect(await client.discrepancies()).toEqual([]);
      expect(await client.sign()).toMatchObject({ ok: true });
      expect(await site.stop()).toBe(0);
      expect(await site.chancery('ledger', 'verify', '--config', site.config)).toMatchObject({ code: 0 });
    },
  );
});
