import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { FaultyDisk } from '../../support/disk/faulty-disk.js';
import { freeze, page, status } from '../../support/site/admin.js';
import { fillSegment, manySegments } from '../../support/site/fill-ledger.js';
import { Holder } from '../../support/site/held.js';
import { ledgerLines, ofType } from '../../support/site/ledger-lines.js';
import { rpc } from '../../support/site/rpc.js';
import { explain, tradingKey } from '../../support/site/signing.js';
import { Site } from '../../support/site/site.js';

const SEGMENT = /^\d{12}\.ledger$/;
const LIBUV_THREADS = 4;
const UNAVAILABLE = { ok: false, error: { data: { code: 'LEDGER_UNAVAILABLE' } } };

describe('the real daemon on a disk that fails', () => {
  let site: Site;
  let disk: FaultyDisk;
  let client: Holder;

  beforeAll(async () => {
    site = await Site.make();
    disk = new FaultyDisk(site.ledger);
    client = new Holder(site);
    await site.configure((text) =>
      text.replace(/^ledger: .*/m, 'ledger: { directory: ledger, checkpointInterval: 1s }'),
    );
    await site.start();
    await site.attest();
    await client.begin();
    await site.stop();
  });

  afterEach(() => {
    disk.command();
  });

  afterAll(() => site.remove());

  async function startFaulty(): Promise<void> {
    if (site.running) await site.stop('SIGKILL');
    await site.start(undefined, disk.environment);
  }

  /** Kills, starts on a disk that is well, and holds what the client has against ledger and meter. */
  async function restartAndCompare(): Promise<void> {
    disk.command();
    await startFaulty();
    expect(await client.discrepancies()).toEqual([]);
    expect(await client.sign()).toMatchObject({ ok: true });
  }

  /** What must still be answered when nothing can be written. */
  async function reads(): Promise<void> {
    expect((await tradingKey(site)).publicKey).toBe(client.publicKey);
    expect((await explain(site, client.next())).counted.length).toBeGreaterThan(0);
    expect((await status(site)).ledger.size).toBeGreaterThan(0);
    expect((await page(site, '/healthz')).status).toBe(200);
    expect((await page(site, '/metrics')).body).toContain('chancery_requests_total');
  }

  const logged = (text: string): Promise<void> =>
    vi.waitFor(() => {
      expect(site.log).toContain(text);
    }, 5000);

  it('a snapshot that cannot be written is logged, and the next start makes it', async () => {
    await manySegments(site, 2, 8192);
    disk.command('any snapshots/* fail EIO');
    await startFaulty();
    await logged('"event":"snapshot_failed"');
    expect(disk.calls(/ snapshots\/\S+ EIO$/).length).toBeGreaterThan(0);
    expect((await status(site)).problems).toEqual([
      expect.stringMatching(/^LEDGER_UNAVAILABLE: no snapshot is made: EIO/) as string,
    ]);
    expect((await page(site, '/readyz')).status).toBe(200);
    expect(await client.sign()).toMatchObject({ ok: true });
    await restartAndCompare();
    await logged('"event":"snapshot_made"');
  });

  it('I10: a checkpoint that cannot be written degrades health, and signing goes on', async () => {
    disk.command('any checkpoint.tmp fail EIO');
    await client.sign();
    await vi.waitFor(async () => {
      expect((await status(site)).problems).toEqual([
        'LEDGER_UNAVAILABLE: no checkpoint is signed: the checkpoint cannot be written',
      ]);
    }, 5000);
    expect((await page(site, '/readyz')).status).toBe(200);
    await logged('"event":"checkpoint_failed"');
    expect(await client.sign()).toMatchObject({ ok: true });
    disk.command();
    await vi.waitFor(async () => {
      expect((await status(site)).problems).toEqual([]);
    }, 5000);
  });

  it('a directory that cannot be synced withholds the checkpoint in it', async () => {
    disk.command('sync . fail EIO');
    const { sequence } = await entryOf(client.sign());
    expect(await rpc(site.signerSocket, 'getProof', { sequence })).toMatchObject(UNAVAILABLE);
    expect((await status(site)).problems.join()).toContain('the checkpoint cannot be written');
    disk.command();
    expect(await rpc(site.signerSocket, 'getProof', { sequence })).toMatchObject({ ok: true });
  });

  it('a tile that cannot be written is logged, and made when a proof needs it', async () => {
    disk.command('any tile/* fail ENOSPC');
    const { sequence } = await entryOf(client.sign());
    await logged('"event":"tiles_failed"');
    expect(await client.sign()).toMatchObject({ ok: true });
    disk.command();
    expect(await rpc(site.signerSocket, 'getProof', { sequence })).toMatchObject({ ok: true });
    expect(disk.calls(/ tile\/\S+ ENOSPC$/).length).toBeGreaterThan(0);
  });

  it('I8: a policy whose bytes cannot be stored does not come into force, and signing goes on', async () => {
    disk.command('sync blobs/* fail EIO');
    const wider = site.changePolicy((text) => text.replace(/max: "?2 SOL"?/, 'max: "3 SOL"'));
    await expect(wider).rejects.toThrow(/LEDGER_UNAVAILABLE: a blob of the ledger cannot be stored \(EIO\)/);
    expect((await tradingKey(site)).limits[0]?.max).toBe('2000000000');
    expect(await client.sign()).toMatchObject({ ok: true });
    disk.command();
    expect(await site.chancery('policy', 'submit', '--config', site.config)).toMatchObject({ code: 0 });
    expect((await tradingKey(site)).limits[0]?.max).toBe('3000000000');
    expect(await client.sign()).toMatchObject({ ok: true });
  });

  it('I10: a disk that stands still stops no reads; a freeze holds at once and is acknowledged when durable', async () => {
    // The same rules again: what is stored for it are calls that stand still.
    await site.signPolicy((text) => text);
    disk.command('any * hold');
    let signed = false;
    const signing = client.sign().finally(() => (signed = true));
    await vi.waitFor(() => {
      expect(disk.calls(/^pwrite \d{12}\.ledger holding$/).length).toBeGreaterThan(0);
    }, 5000);
    let acknowledged = false;
    const freezing = freeze(site, 'stalled').finally(() => (acknowledged = true));
    // More calls that stand still than libuv has threads.
    const blobs = Array.from({ length: 6 }, submitPolicy);
    await vi.waitFor(() => {
      expect(disk.calls(/ holding$/)).toHaveLength(LIBUV_THREADS);
    }, 5000);
    await vi.waitFor(async () => {
      expect((await status(site)).freezes.map(({ reason }) => reason)).toEqual(['stalled']);
    }, 5000);
    await reads();
    await vi.waitFor(async () => {
      const { ready, problems } = await status(site);
      expect(ready).toBe(false);
      expect(problems.join()).toMatch(/LEDGER_UNAVAILABLE: the disk has not answered a write for \d+ s/);
    }, 10_000);
    expect((await explain(site, client.next())).decision).toBe('deny');
    expect([signed, acknowledged]).toEqual([false, false]);
    expect(ofType(await ledgerLines(site.ledger), 'freeze')).toEqual([]);
    disk.command();
    const frozen = await freezing;
    if (!frozen.ok) throw new Error(frozen.error.message);
    const [entry] = ofType(await ledgerLines(site.ledger), 'freeze');
    expect(entry?.sequence).toBe(frozen.result.entry.sequence);
    // It was authorized before, and not dispatched.
    expect(await signing).toMatchObject({ ok: false, error: { data: { code: 'KEY_FROZEN' } } });
    expect((await Promise.all(blobs)).filter(({ ok }) => ok)).toHaveLength(1);
    await site.unfreeze(frozen.result.entry.hash);
    expect(await client.sign()).toMatchObject({ ok: true });
  });

  it.each([
    ['fails', ['write *.ledger fail EIO 1'], /^writing the ledger failed \(EIO\)$/, 'nothing'],
    [
      'fails after it was done',
      ['write *.ledger after EIO 1'],
      /^writing the ledger failed \(EIO\)$/,
      'recovered',
    ],
    [
      // libuv tries the rest by itself and keeps the error of that to itself.
      'is short, and libuv hides why',
      ['write *.ledger short 100 1', 'write *.ledger fail ENOSPC 1'],
      /^writing the ledger failed \(only 100 of \d+ bytes were written\)$/,
      'repair',
    ],
  ])(
    'I10: a commit that %s stops signing for good in that process; nothing is lost or made up',
    async (_, commands, why, left) => {
      expect(disk.calls(/^pwrite \d{12}\.ledger ok$/).length).toBeGreaterThan(0);
      const before = (await ledgerLines(site.ledger)).length;
      const failed = disk.calls(/ (EIO|ENOSPC)$/).length;
      disk.command(...commands);
      for (const answer of await Promise.all(Array.from({ length: 8 }, () => client.sign()))) {
        expect(answer).toMatchObject(UNAVAILABLE);
      }
      expect(disk.calls(/ (EIO|ENOSPC)$/).slice(failed)).toMatchObject([
        { path: expect.stringMatching(SEGMENT) as string },
      ]);
      // The disk answers again: this process must not believe it.
      disk.command();
      expect(await client.sign()).toMatchObject(UNAVAILABLE);
      expect(await freeze(site, 'test')).toMatchObject(UNAVAILABLE);
      const { ready, problems, ledger } = await status(site);
      expect(ready).toBe(false);
      expect(ledger.unavailable).toMatch(why);
      expect(problems).toContain(`LEDGER_UNAVAILABLE: ${ledger.unavailable ?? ''}`);
      const readyz = await page(site, '/readyz');
      expect(readyz).toMatchObject({
        status: 503,
        body: expect.stringContaining('writing the ledger failed') as string,
      });
      expect((await page(site, '/metrics')).body).toContain(
        'chancery_events_total{event="ledger_unavailable"} 1',
      );
      await logged('"event":"ledger_unavailable"');
      await reads();

      await restartAndCompare();
      const fresh = (await ledgerLines(site.ledger)).slice(before);
      expect(ofType(fresh, 'recovered').length > 0).toBe(left === 'recovered');
      const [repair] = ofType(fresh, 'repair');
      expect(repair?.bytes).toBe(left === 'repair' ? 100 : undefined);
      if (repair !== undefined)
        expect((await stat(join(site.ledger, 'blobs', repair.sha256))).size).toBe(100);
    },
  );

  it('I10: a new segment whose directory cannot be synced stops signing for good', async () => {
    await site.stop();
    await fillSegment(site, 20_000);
    await startFaulty();
    disk.command('sync . fail EIO');
    let refused: unknown;
    for (let n = 0; n < 40 && refused === undefined; n++) {
      const answer = await client.sign();
      if (!answer.ok) refused = answer;
    }
    expect(refused).toMatchObject(UNAVAILABLE);
    disk.command();
    expect(await client.sign()).toMatchObject(UNAVAILABLE);
    expect((await status(site)).ledger.unavailable).toBe('writing the ledger failed (EIO)');
    await restartAndCompare();
  });

  it.each([
    ['the lines that are written anew', 'write *.ledger.tmp fail EIO'],
    ['the directory', 'sync . fail EIO'],
  ])('does not start when %s cannot be made durable', async (_, command) => {
    await site.stop();
    disk.command(command);
    const { size } = await stat(join(site.ledger, 'checkpoint'));
    const refused = await site.refusal(disk.environment);
    expect(refused).toMatch(/^error: LEDGER_UNAVAILABLE: the ledger cannot be opened \(EIO, .*\)\nhint: /m);
    expect((await stat(join(site.ledger, 'checkpoint'))).size).toBe(size);
    await restartAndCompare();
  });

  it('and after all of that the ledger verifies', async () => {
    expect(await site.stop()).toBe(0);
    expect(await site.chancery('ledger', 'verify', '--config', site.config)).toMatchObject({ code: 0 });
  });

  /** Hands in the policy in force again: refused, but only after its bytes are stored. */
  async function submitPolicy(): ReturnType<typeof rpc> {
    const policy = join(site.directory, 'policy.yaml');
    const statement = JSON.parse(await readFile(`${policy}.sig`, 'utf8')) as Record<string, unknown>;
    const blobs = [(await readFile(policy)).toString('base64')];
    return rpc(site.adminSocket, 'submitStatement', { statement, blobs });
  }
});

async function entryOf(answer: ReturnType<Holder['sign']>): Promise<{ readonly sequence: string }> {
  const signed = await answer;
  if (!signed.ok) throw new Error(JSON.stringify(signed.error));
  return signed.result.entry;
}
