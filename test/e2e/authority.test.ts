import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/sha256.js';
import { buildPayload } from '../../src/sovereign/build-payload.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { rpc } from '../support/site/rpc.js';
import { sign, tradingKey } from '../support/site/signing.js';
import type { Frozen } from '../support/site/admin.js';
import { Site, WORKLOAD } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';
import { until, websocket } from '../support/transport.js';

describe('authority, with the real daemon', () => {
  let site: Site;
  let publicKey: string;
  let nonce = 0;
  const once = () => transfer(publicKey, 1000n, ++nonce);
  const refusedWith = (code: string) => ({ ok: false, error: { data: { code } } });

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    publicKey = (await tradingKey(site)).publicKey;
  });

  afterAll(async () => {
    await site.remove();
  });

  it('signs nothing without an attestation', async () => {
    expect(await sign(site, once())).toMatchObject(refusedWith('ATTESTATION_REQUIRED'));
  });

  it('an agent hands its attestation in, once: afterwards every connection has it, without showing it again', async () => {
    const file = join(site.directory, 'handed-in.json');
    const wish = ['--workload', WORKLOAD, '--key', 'trading-1', '--ttl', '30m', '--out', file];
    const signer = ['--identity', site.sovereignKey, '--config', site.config];
    expect(await site.chancery('attest', 'issue', ...wish, ...signer)).toMatchObject({ code: 0 });
    const statement: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const first = await websocket(site.signerSocket);
    expect((await first.call('authenticate', { statement })).result).toMatchObject({ keys: ['trading-1'] });
    first.raw.close();

    await site.stop('SIGKILL');
    await site.start();
    const second = await websocket(site.signerSocket);
    expect((await second.call('authenticate')).result).toMatchObject({ keys: ['trading-1'] });
    expect((await second.call('authenticate', { statement })).error).toMatchObject({
      data: { code: 'STATEMENT_INVALID' },
      message: expect.stringContaining('its id was used before') as string,
    });
    // Shown a second time it is refused, and takes nothing away.
    expect(
      (await second.call('signTransaction', { key: 'trading-1', transaction: once() })).result,
    ).toBeDefined();
    second.raw.close();
    const id = (await tradingKey(site)).attestation?.id ?? '';
    expect(await rpc(site.adminSocket, 'revokeAttestation', { id, reason: 'test' })).toMatchObject({
      ok: true,
    });
    expect(await sign(site, once())).toMatchObject(refusedWith('ATTESTATION_REVOKED'));
  });

  it('signs once the Sovereign attested, until it is revoked', async () => {
    await site.attest();
    expect((await sign(site, once())).ok).toBe(true);
    const id = (await tradingKey(site)).attestation?.id ?? '';
    const revoked = await rpc(site.adminSocket, 'revokeAttestation', { id, reason: 'test' });
    expect(revoked.ok).toBe(true);
    expect(await sign(site, once())).toMatchObject(refusedWith('ATTESTATION_REVOKED'));
    await site.attest();
    expect((await sign(site, once())).ok).toBe(true);
  });

  it('I8: an operator freezes at once, through a restart; only a statement of the Sovereign lifts it', async () => {
    const frozen = await site.chancery('freeze', '--all', '--reason', 'drill', '--config', site.config);
    expect(frozen).toMatchObject({ code: 0 });
    expect(await sign(site, once())).toMatchObject(refusedWith('KEY_FROZEN'));
    await site.stop('SIGKILL');
    await site.start();
    expect(await sign(site, once())).toMatchObject(refusedWith('KEY_FROZEN'));
    const status = await rpc<{ freezes: { hash: string }[] }>(site.adminSocket, 'getStatus');
    if (!status.ok) throw new Error('no status');
    const [freeze] = status.result.freezes;
    const forged = await rpc(site.adminSocket, 'submitStatement', {
      statement: { payload: Buffer.from('{}').toString('base64'), signatures: [] },
    });
    expect(forged).toMatchObject(refusedWith('MALFORMED_STATEMENT'));
    const lifted = await site.chancery(
      'unfreeze',
      freeze?.hash ?? '',
      '--identity',
      site.sovereignKey,
      '--config',
      site.config,
    );
    expect(lifted).toMatchObject({ code: 0 });
    expect((await sign(site, once())).ok).toBe(true);
    expect(ofType(await ledgerLines(site.ledger), 'unfreeze').at(-1)?.freeze).toBe(freeze?.hash);
  });

  it('an operator who follows the topics is told of each entry, without its bytes', async () => {
    const operator = await websocket(site.adminSocket);
    const told: { readonly topic: string; readonly event: Record<string, unknown> }[] = [];
    operator.raw.on('message', (data: Buffer) => {
      const { method, params } = JSON.parse(data.toString('utf8')) as {
        method?: string;
        params: (typeof told)[0];
      };
      if (method === 'event') told.push(params);
    });
    const topics = ['authorizations', 'signatures', 'denials', 'freezes', 'statements', 'alerts'];
    expect((await operator.call('subscribe', { topics })).result).toEqual({ topics });

    expect((await sign(site, once())).ok).toBe(true);
    const dear = transfer(publicKey, 9_000_000_000n, ++nonce);
    expect(await sign(site, dear)).toMatchObject(refusedWith('SPEND_LIMIT_EXCEEDED'));
    const id = (await tradingKey(site)).attestation?.id ?? '';
    await rpc(site.adminSocket, 'revokeAttestation', { id, reason: 'test' });
    await site.attest();
    const frozen = await rpc<Frozen>(site.adminSocket, 'freeze', { reason: 'drill' });
    if (!frozen.ok) throw new Error('not frozen');
    const { hash } = frozen.result.entry;
    await site.chancery('unfreeze', hash, '--identity', site.sovereignKey, '--config', site.config);
    await until(() => told.length >= 7);

    const lines = new Map((await ledgerLines(site.ledger)).map((line) => [line.sequence, line]));
    for (const { topic, event } of told) {
      const entry = lines.get(String(event['sequence']));
      if (topic !== 'signatures') expect(entry?.type).toBe(event['type']);
      expect(event).not.toHaveProperty('message');
      expect(event).not.toHaveProperty('statement');
    }
    const key = 'trading-1';
    expect(told.map(({ topic, event }) => ({ topic, ...event }))).toMatchObject([
      { topic: 'authorizations', type: 'authorization', key, workload: WORKLOAD },
      { topic: 'signatures', key, workload: WORKLOAD },
      { topic: 'denials', type: 'denial', key, codes: ['SPEND_LIMIT_EXCEEDED'], count: 1 },
      { topic: 'statements', type: 'revocation', attestation: id, workload: null, reason: 'test' },
      { topic: 'statements', type: 'statement', kind: 'attestation' },
      { topic: 'freezes', type: 'freeze', key: null, reason: 'drill' },
      { topic: 'freezes', type: 'unfreeze', freeze: hash },
    ]);
    operator.raw.close();
  });

  it('I8: a policy that a stranger signed is refused, and none of its bytes are kept', async () => {
    const { directory } = site;
    const text = readFileSync(join(directory, 'policy.yaml'), 'utf8');
    const wider = text.replace('serial: 1', 'serial: 2').replace('max: "2 SOL"', 'max: "2000 SOL"');
    const payload = buildPayload('policy', {
      signer: /^signer: (\S+)$/m.exec(text)?.[1] ?? '',
      id: 'ab'.repeat(16),
      epoch: 1,
      issuedAt: new Date().toISOString(),
      serial: 2,
      previous: sha256Hex(Buffer.from(text)),
      sha256: sha256Hex(Buffer.from(wider)),
    });
    const stranger = join(directory, 'stranger');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger]);
    writeFileSync(join(directory, 'wider.json'), payload);
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'policy@chancery', '-f', stranger, 'wider.json'], {
      cwd: directory,
      stdio: 'ignore',
    });
    const signature = readFileSync(join(directory, 'wider.json.sig'), 'utf8');
    const kept = readdirSync(join(directory, 'ledger', 'blobs'));
    const refused = await rpc(site.adminSocket, 'submitStatement', {
      statement: {
        payload: Buffer.from(payload).toString('base64'),
        signatures: [{ authority: 'developer', scheme: 'sshsig', signature }],
      },
      blobs: [Buffer.from(wider).toString('base64')],
    });
    expect(refused).toMatchObject(refusedWith('QUORUM_NOT_MET'));
    expect(readdirSync(join(directory, 'ledger', 'blobs'))).toEqual(kept);
  });

  it('I9: neither the PIN nor a private key is in the log, the ledger or the arguments', async () => {
    const { readFile, readdir } = await import('node:fs/promises');
    const pin = (await readFile(`${site.directory}/secrets/pin`, 'utf8')).trim();
    expect(pin.length).toBeGreaterThan(7);
    const ledger = JSON.stringify(await ledgerLines(site.ledger));
    expect(site.log.includes(pin)).toBe(false);
    expect(ledger.includes(pin)).toBe(false);
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      expect(commandLine.includes(pin)).toBe(false);
    }
  });
});
