import { Keypair } from '@solana/web3.js';
import bs58 from 'bs58';
import { sign as signEd25519, createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Client } from '../../src/client/api.js';
import { parseAddress, type Pubkey } from '../../src/core/pubkey.js';
import { compile, systemTransfer, wire } from '../support/solana-build.js';
import { page } from '../support/site/admin.js';
import { Chain } from '../support/site/chain.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { rpc } from '../support/site/rpc.js';
import { sign, tradingKey } from '../support/site/signing.js';
import { Site, WORKLOAD } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';
import { until, websocket, type RpcReply } from '../support/transport.js';

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function signed(keypair: Keypair, message: Uint8Array): Buffer {
  const der = Buffer.concat([PKCS8_PREFIX, keypair.secretKey.subarray(0, 32)]);
  return signEd25519(null, message, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

function pubkey(address: string): Pubkey {
  const parsed = parseAddress(address);
  if (parsed === null) throw new Error(`${address} is no address`);
  return parsed;
}

describe('what an agent relies on, with the real daemon and a Solana VM', () => {
  let site: Site;
  let chain: Chain;
  let client: Client;
  let publicKey: string;
  const open = (): Keypair => Keypair.generate();

  beforeAll(async () => {
    [site, chain] = await Promise.all([Site.make(), Chain.start()]);
    await site.start();
    await site.attest();
    publicKey = (await tradingKey(site)).publicKey;
    client = await connect({ socket: site.signerSocket, expect: { 'trading-1': publicKey } });
    await chain.airdrop(publicKey, 10_000_000_000);
  });

  afterAll(async () => {
    client.close();
    await Promise.all([site.remove(), chain.stop()]);
  });

  it.each(['legacy', 0, 1] as const)('a transaction of version %s is signed and lands', async (version) => {
    const K = pubkey(publicKey);
    const destination = open().publicKey.toBase58();
    const lifetime = pubkey(await chain.blockhash());
    const config =
      version === 1
        ? { config: { computeUnitLimit: 2_000, loadedDataLimit: 100_000, priorityFee: 700n } }
        : {};
    const transfers = [systemTransfer(K, pubkey(destination), 1_000_000n)];
    const message = compile(version, [K], transfers, { lifetime, ...config });
    const asked = wire(version, message, 1);
    const { fee, feeBound, transaction } = await client.explainTransaction({
      key: 'trading-1',
      transaction: asked,
    });
    expect(transaction).toEqual({
      version: version === 'legacy' ? 'legacy' : `v${String(version)}`,
      signers: 1,
      slot: 0,
    });
    if (version === 1) expect(feeBound).toMatchObject({ priority: '700', units: 2000, unitsSet: true });

    const before = await chain.balance(publicKey);
    const answer = await client.signTransaction({ key: 'trading-1', transaction: asked });
    await chain.send(Buffer.from(answer.transaction).toString('base64'));
    expect(await chain.balance(destination)).toBe(1_000_000);
    // I6: what left the key is at most what was counted.
    const lost = before - (await chain.balance(publicKey));
    expect(lost).toBeGreaterThan(1_000_000);
    expect(lost).toBeLessThanOrEqual(1_000_000 + Number(fee));
  });

  it('one key of three: signatures of others stay byte for byte, in whatever order they come', async () => {
    const [payer, other] = [open(), open()];
    await chain.airdrop(payer.publicKey.toBase58(), 1_000_000_000);
    await chain.airdrop(other.publicKey.toBase58(), 1_000_000_000);
    const [K, P, O] = [publicKey, payer.publicKey.toBase58(), other.publicKey.toBase58()].map(pubkey) as [
      Pubkey,
      Pubkey,
      Pubkey,
    ];
    const destination = open().publicKey.toBase58();
    const message = compile(
      0,
      [P, K, O],
      [
        systemTransfer(K, pubkey(destination), 2_000_000n),
        systemTransfer(O, pubkey(destination), 3_000_000n),
      ],
      { lifetime: pubkey(await chain.blockhash()) },
    );
    const partial = wire(0, message, 3);
    partial.set(signed(payer, message), 1);

    const explained = await client.explainTransaction({ key: 'trading-1', transaction: partial });
    // Another account pays, and what others send is no loss of the key.
    expect(explained).toMatchObject({
      transaction: { signers: 3, slot: 1 },
      fee: '0',
      feeBound: { payer: false },
    });
    expect(explained.counted.find(({ unit }) => unit === 'SOL')?.amount).toBe('2000000');

    const answer = await client.signTransaction({ key: 'trading-1', transaction: partial });
    const complete = Buffer.from(answer.transaction);
    expect(complete.subarray(1, 65)).toEqual(partial.subarray(1, 65));
    expect(complete.subarray(129, 193)).toEqual(Buffer.alloc(64));
    await expect(chain.send(complete.toString('base64'))).rejects.toThrow();
    complete.set(signed(other, message), 129);
    await chain.send(complete.toString('base64'));
    expect(await chain.balance(destination)).toBe(5_000_000);
  });

  it('the request id of a reply is in the ledger and in the log, that of a refusal in the log', async () => {
    const answer = await sign(site, transfer(publicKey, 1000n, 1));
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const { request, entry } = answer.result;
    expect(request).toMatch(/^[0-9a-f]{16}$/);
    const entries = await ledgerLines(site.ledger);
    const signature = ofType(entries, 'signature').find(({ sequence }) => sequence === entry.sequence);
    const authorization = ofType(entries, 'authorization').find((each) => each.request === request);
    expect(authorization?.sequence).toBe(signature?.authorization);

    const refused = await sign(site, transfer(publicKey, 900_000_000n, 2));
    if (refused.ok) throw new Error('it was signed');
    const { request: refusedId } = refused.error.data as unknown as { request: string };
    await until(() => site.log.includes(request) && site.log.includes(refusedId));
    const line = (id: string) =>
      JSON.parse(site.log.split('\n').find((text) => text.includes(id)) ?? '{}') as Record<string, unknown>;
    expect(line(request)).toMatchObject({ event: 'request', method: 'signTransaction', code: 'ok' });
    expect(line(refusedId)).toMatchObject({ event: 'request', code: 'SPEND_LIMIT_EXCEEDED' });
  });

  it('ledger show reads a transaction out of its entry, signed or refused, as explain does', async () => {
    await sign(site, transfer(publicKey, 1234n, 30));
    await sign(site, transfer(publicKey, 700_000_000n, 31));
    const entries = await ledgerLines(site.ledger);
    const show = async (sequence = '') =>
      (await site.chancery('ledger', 'show', sequence, '--config', site.config)).stdout;
    const authorized = await show(ofType(entries, 'authorization').at(-1)?.sequence);
    expect(authorized).toContain('AUTHORIZED: trading-1 was asked to sign this');
    expect(authorized).toContain('0  system Transfer: 0.000001234 SOL (1234 lamports) from trading-1 to ');
    expect(authorized).toMatch(/fee at most \d+ lamports = base \d+ \+ priority 0/);
    expect(authorized).not.toContain('reads the message otherwise');
    const denied = await show(
      ofType(entries, 'denial').find(({ message }) => message !== undefined)?.sequence,
    );
    expect(denied).toContain('REFUSED: SPEND_LIMIT_EXCEEDED\n');
    expect(denied).toContain('0.9 SOL (900000000 lamports) from trading-1 to ');
  });

  it('signTransactions: each by itself, with an id of its own', async () => {
    const items = await client.signTransactions({
      key: 'trading-1',
      transactions: [
        transfer(publicKey, 1000n, 10),
        transfer(publicKey, 900_000_000n, 11),
        transfer(publicKey, 1000n, 12),
      ],
    });
    expect(items.map(({ ok }) => ok)).toEqual([true, false, true]);
    const ids = items.map((item) => (item.ok ? item.signed.request : item.error.request) ?? '');
    const [call = ''] = ids[0]?.split('.') ?? [];
    expect(ids).toEqual([`${call}.0`, `${call}.1`, `${call}.2`]);
    const requests = new Set(
      ofType(await ledgerLines(site.ledger), 'authorization').map(({ request }) => request),
    );
    expect(ids.map((id) => requests.has(id))).toEqual([true, false, true]);
    // What the agent has in hand is found in the log, and a refusal is counted though the request was answered.
    await until(() => ids.every((id) => site.log.includes(`"request":"${id}"`)));
    expect(site.log).toMatch(new RegExp(`"request":"${call}\\.1".*"code":"SPEND_LIMIT_EXCEEDED"`));
    const { body } = await page(site, '/metrics');
    const labels = 'socket="signer",method="signTransactions[]"';
    expect(body).toContain(`chancery_requests_total{${labels},code="SPEND_LIMIT_EXCEEDED"} 1\n`);
    expect(body).toContain(`chancery_requests_total{${labels},code="ok"} 2\n`);
  });

  it('listKeys says what is left, as the reply did', async () => {
    const before = await tradingKey(site);
    const { limits } = await client.signTransaction({
      key: 'trading-1',
      transaction: transfer(publicKey, 5000n, 20),
    });
    const after = await tradingKey(site);
    const left = (list: typeof limits) =>
      list.filter(({ asset }) => asset === 'SOL').map(({ window, remaining }) => [window, remaining]);
    expect(left([...after.limits])).toEqual(left(limits));
    expect(BigInt(after.limits[0]?.spent ?? 0)).toBeGreaterThan(BigInt(before.limits[0]?.spent ?? 0) + 5000n);
  });

  it('a client that goes away: what was authorized gets its outcome, others are served', async () => {
    const before = ofType(await ledgerLines(site.ledger), 'authorization').length;
    const gone = await websocket(site.signerSocket);
    for (let index = 0; index < 60; index++) {
      const params = { key: 'trading-1', transaction: transfer(publicKey, 1000n, 100 + index) };
      gone.send(JSON.stringify({ jsonrpc: '2.0', id: index, method: 'signTransaction', params }));
    }
    await gone.next();
    gone.raw.terminate();
    expect((await sign(site, transfer(publicKey, 1000n, 99))).ok).toBe(true);
    await site.stop();
    const entries = await ledgerLines(site.ledger);
    const made = ofType(entries, 'authorization').slice(before);
    const outcomes = [...ofType(entries, 'signature'), ...ofType(entries, 'failure')].map(
      ({ authorization }) => authorization,
    );
    expect(made.length).toBeGreaterThan(1);
    for (const { sequence } of made) expect(outcomes.filter((each) => each === sequence)).toHaveLength(1);
    await site.start();
    expect(ofType(await ledgerLines(site.ledger), 'recovered')).toEqual([]);
  });

  it('possession: a WebSocket that proves the key signs, another does not, a nonce is good once', async () => {
    const holder = open();
    const possession = holder.publicKey.toBase58();
    const { attestation } = await tradingKey(site);
    await rpc(site.adminSocket, 'revokeAttestation', { id: attestation?.id, reason: 'test' });
    const issued = await site.chancery(
      ...['attest', 'issue', '--config', site.config, '--workload', WORKLOAD, '--key', 'trading-1'],
      ...['--possession', possession, '--identity', site.sovereignKey, '--submit'],
    );
    expect(issued).toMatchObject({ code: 0 });
    const ask = { key: 'trading-1', transaction: transfer(publicKey, 1000n, 300) };
    const bare = await sign(site, ask.transaction);
    expect(bare).toMatchObject({ ok: false, error: { data: { code: 'POSSESSION_REQUIRED' } } });

    const proving = await connect({
      socket: site.signerSocket,
      possession: { publicKey: possession, sign: (message) => signed(holder, message) },
    });
    expect((await proving.signTransaction(ask)).signature).toMatch(/^\w{64,88}$/);
    proving.close();

    const raw = await websocket(site.signerSocket);
    const challenge = (await raw.call('getChallenge')).result as {
      nonce: string;
      ledger: { origin: string };
    };
    const message = Buffer.concat([
      Buffer.from(`chancery/possession/v1${challenge.ledger.origin}`),
      Buffer.from(challenge.nonce, 'base64'),
    ]);
    const prove = (): Promise<RpcReply> =>
      raw.call('authenticate', {
        possession: { publicKey: possession, signature: bs58.encode(signed(holder, message)) },
      });
    expect((await prove()).result).toMatchObject({ workload: WORKLOAD, keys: ['trading-1'] });
    expect((await prove()).error?.data.code).toBe('POSSESSION_REQUIRED');

    // The proof of one connection is worth nothing on another, nor by HTTP.
    const other = await websocket(site.signerSocket);
    expect((await other.call('signTransaction', ask)).error?.data.code).toBe('POSSESSION_REQUIRED');
    expect(await rpc(site.signerSocket, 'authenticate', {})).toMatchObject({
      ok: false,
      error: { data: { code: 'MALFORMED_REQUEST' } },
    });
    raw.raw.close();
    other.raw.close();
  });
});
