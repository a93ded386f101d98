import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { rpc } from '../support/site/rpc.js';
import { countedSol, explain, sign, tradingKey, verifies } from '../support/site/signing.js';
import { Site } from '../support/site/site.js';
import { STRANGER, transfer } from '../support/site/transfer.js';

const STOP_AT_START = fileURLToPath(new URL('../support/site/stop-at-start.mjs', import.meta.url));
const LIMIT = 2_000_000_000n;
const ANY = transfer(STRANGER, 1n, 0);

describe('signing, with the real daemon on SoftHSM', () => {
  let site: Site;
  let publicKey: string;

  beforeAll(async () => {
    site = await Site.make();
    await site.start();
    await site.attest();
    publicKey = (await tradingKey(site)).publicKey;
  });

  afterAll(async () => {
    await site.remove();
  });

  it('I1: signs the very bytes of the message, and changes only the slot of the key', async () => {
    const before = Buffer.from(transfer(publicKey, 1000n, 1), 'base64');
    const answer = await sign(site, before.toString('base64'));
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const after = Buffer.from(answer.result.transaction, 'base64');
    expect(after.subarray(65).equals(before.subarray(65))).toBe(true);
    expect(after[0]).toBe(1);
    expect(verifies(publicKey, before.subarray(65), answer.result.signature)).toBe(true);
  });

  it('I3: authorization and signature are in the ledger when the reply arrives, message and all', async () => {
    const wire = transfer(publicKey, 1001n, 2);
    const answer = await sign(site, wire);
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const entries = await ledgerLines(site.ledger);
    const signature = ofType(entries, 'signature').find(
      ({ sequence }) => sequence === answer.result.entry.sequence,
    );
    expect(signature?.signature).toBe(answer.result.signature);
    const authorization = ofType(entries, 'authorization').find(
      ({ sequence }) => sequence === signature?.authorization,
    );
    expect(authorization).toMatchObject({
      key: 'trading-1',
      publicKey,
      workload: 'spiffe://dev.chancery.local/agent',
      request: answer.result.request,
      message: Buffer.from(wire, 'base64').subarray(65).toString('base64'),
      peer: { uid: process.getuid?.(), pid: process.pid },
    });
    expect(authorization?.counted.find(({ unit }) => unit === 'transactions')?.amount).toBe('1');
  });

  it('refuses what passes a limit, with figures, and counts nothing for it', async () => {
    const before = await tradingKey(site);
    const answer = await sign(site, transfer(publicKey, 600_000_000n, 3));
    expect(answer).toMatchObject({ ok: false, error: { data: { code: 'SPEND_LIMIT_EXCEEDED' } } });
    if (answer.ok) throw new Error('unreachable');
    const [failure] = answer.error.data.failures;
    expect(failure).toMatchObject({ code: 'SPEND_LIMIT_EXCEEDED', asset: 'SOL', limit: '500000000' });
    expect(BigInt(failure?.['requested'] as string)).toBeGreaterThan(600_000_000n);
    const after = await tradingKey(site);
    expect(after.limits.map(({ spent }) => spent)).toEqual(before.limits.map(({ spent }) => spent));
  });

  it('signs identical bytes again without counting them again', async () => {
    const wire = transfer(publicKey, 1002n, 4);
    const first = await sign(site, wire);
    const spent = (await tradingKey(site)).limits.map((limit) => limit.spent);
    const second = await sign(site, wire);
    if (!first.ok || !second.ok) throw new Error('refused');
    expect(second.result.signature).toBe(first.result.signature);
    expect(second.result.entry.sequence).not.toBe(first.result.entry.sequence);
    expect((await tradingKey(site)).limits.map((limit) => limit.spent)).toEqual(spent);
    const repeat = ofType(await ledgerLines(site.ledger), 'authorization').at(-1);
    expect(repeat?.counted).toEqual([]);
    expect(repeat?.repeats).toBeDefined();
  });

  it('explains without reserving', async () => {
    const wire = transfer(publicKey, 1003n, 5);
    const size = (await ledgerLines(site.ledger)).length;
    const explained = await explain(site, wire);
    expect(explained.decision).toBe('allow');
    expect((await ledgerLines(site.ledger)).length).toBe(size);
  });

  it.each([
    ['not base64', 'signTransaction', { key: 'trading-1', transaction: '!!!!' }, 'MALFORMED_TRANSACTION'],
    ['no transaction', 'signTransaction', { key: 'trading-1', transaction: 'AAAA' }, 'MALFORMED_TRANSACTION'],
    ['another key', 'signTransaction', { key: 'nobody', transaction: ANY }, 'UNKNOWN_KEY'],
    ['the ledger key', 'explainTransaction', { key: 'ledger', transaction: ANY }, 'UNKNOWN_KEY'],
    [
      'an unknown field',
      'signTransaction',
      { key: 'trading-1', transaction: 'AAAA', force: true },
      'MALFORMED_REQUEST',
    ],
    ['an unknown method', 'signRaw', { bytes: 'AAAA' }, 'UNKNOWN_METHOD'],
  ])('refuses %s', async (_name, method, params, code) => {
    const answer = await rpc(site.signerSocket, method, params);
    expect(answer).toMatchObject({ ok: false, error: { data: { code } } });
  });

  it('I7: the ledger key signs no transaction, and a key that is no signer is refused', async () => {
    const other = transfer('4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T', 1n, 6);
    const foreign = await sign(site, other);
    expect(foreign).toMatchObject({ ok: false, error: { data: { code: 'NOT_A_SIGNER' } } });
    const ledger = await rpc(site.signerSocket, 'signTransaction', { key: 'ledger', transaction: other });
    expect(ledger).toMatchObject({ ok: false, error: { data: { code: 'UNKNOWN_KEY' } } });
  });

  it('I5: 200 requests at once against room for 50 give exactly 50 signatures', async () => {
    const amount = 10_000_000n;
    const each = await countedSol(site, transfer(publicKey, amount, 100));
    const key = await tradingKey(site);
    const spent = BigInt(key.limits.find(({ asset }) => asset === 'SOL')?.spent ?? '0');
    const perRequest = (LIMIT - spent) / 50n;
    const lamports = perRequest - (each - amount);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => sign(site, transfer(publicKey, lamports, 1000 + index))),
    );
    const signed = answers.filter((answer) => answer.ok);
    const codes = new Set(answers.flatMap((answer) => (answer.ok ? [] : [answer.error.data.code])));
    expect(signed.length).toBe(50);
    expect([...codes]).toEqual(['SPEND_LIMIT_EXCEEDED']);
    const left = (await tradingKey(site)).limits.find(({ asset }) => asset === 'SOL');
    expect(BigInt(left?.spent ?? '0')).toBeLessThanOrEqual(LIMIT);
    expect(BigInt(left?.spent ?? '0')).toBe(spent + 50n * perRequest);
  });

  it('stops on SIGHUP and on SIGTERM with a stop entry, and verifies', async () => {
    expect(await site.stop('SIGHUP')).toBe(0);
    expect((await ledgerLines(site.ledger)).at(-1)).toMatchObject({ type: 'stop', reason: 'SIGHUP' });
    await site.start();
    expect(await site.stop()).toBe(0);
    expect((await ledgerLines(site.ledger)).at(-1)).toMatchObject({ type: 'stop', reason: 'SIGTERM' });
    const verified = await site.chancery('ledger', 'verify', '--config', site.config);
    expect(verified).toMatchObject({ code: 0 });
  });

  it('stops at once, and writes nothing, while it reads the ledger', async () => {
    const before = await ledgerLines(site.ledger);
    await expect(site.start(STOP_AT_START)).rejects.toThrow('serve ended (0) before it was ready');
    expect(await ledgerLines(site.ledger)).toEqual(before);
    expect(await site.ended()).toBe(0);
  });
});
