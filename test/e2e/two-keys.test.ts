import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Keypair } from '@solana/web3.js';
import { connect, type Client, type KeyInfo } from '../../src/client/api.js';
import { parseAddress, type Pubkey } from '../../src/core/pubkey.js';
import { compile, systemTransfer, wire } from '../support/solana-build.js';
import { Chain } from '../support/site/chain.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { verifies } from '../support/site/signing.js';
import { Site } from '../support/site/site.js';

const SIGNATURE = 64;
const LAMPORTS = 3_000_000n;

function pubkey(address: string): Pubkey {
  const parsed = parseAddress(address);
  if (parsed === null) throw new Error(`${address} is no address`);
  return parsed;
}

/** Slots lie after the one byte that counts them. */
function slot(transaction: Uint8Array, index: number): Buffer {
  const at = 1 + index * SIGNATURE;
  return Buffer.from(transaction.subarray(at, at + SIGNATURE));
}

function solSpent(keys: readonly KeyInfo[], id: string): bigint {
  const key = keys.find((each) => each.id === id);
  return BigInt(key?.limits.find(({ asset }) => asset === 'SOL')?.spent ?? -1);
}

describe('two keys of one signer on one transaction', () => {
  let site: Site;
  let chain: Chain;
  let client: Client;
  let payer: string;
  let source: string;

  beforeAll(async () => {
    [site, chain] = await Promise.all([Site.make(), Chain.start()]);
    source = await site.addKey('trading-2');
    await site.start();
    await site.attest();
    await site.attest({ key: 'trading-2' });
    client = await connect({ socket: site.signerSocket });
    payer = (await client.listKeys()).find(({ id }) => id === 'trading-1')?.publicKey ?? '';
    await chain.airdrop(payer, 1_000_000_000);
    await chain.airdrop(source, 1_000_000_000);
  });

  afterAll(async () => {
    client.close();
    await Promise.all([site.remove(), chain.stop()]);
  });

  /** `source` pays `lamports`, `payer` pays the fee. */
  async function transaction(destination: string, lamports: bigint): Promise<Buffer> {
    const [P, S] = [pubkey(payer), pubkey(source)];
    const transfer = systemTransfer(S, pubkey(destination), lamports);
    const message = compile(0, [P, S], [transfer], { lifetime: pubkey(await chain.blockhash()) });
    return wire(0, message, 2);
  }

  it('is signed by one call after the other, each judging the whole and counting its own loss', async () => {
    const destination = Keypair.generate().publicKey.toBase58();
    const unsigned = await transaction(destination, LAMPORTS);
    const before = await client.listKeys();

    const first = await client.signTransaction({ key: 'trading-1', publicKey: payer, transaction: unsigned });
    expect(slot(first.transaction, 1)).toEqual(Buffer.alloc(SIGNATURE));
    await expect(chain.send(Buffer.from(first.transaction).toString('base64'))).rejects.toThrow();

    const second = await client.signTransaction({
      key: 'trading-2',
      publicKey: source,
      transaction: first.transaction,
    });
    const message = unsigned.subarray(1 + 2 * SIGNATURE);
    expect(slot(second.transaction, 0)).toEqual(slot(first.transaction, 0));
    expect(Buffer.from(second.transaction.subarray(1 + 2 * SIGNATURE))).toEqual(message);
    expect(verifies(payer, message, first.signature)).toBe(true);
    expect(verifies(source, message, second.signature)).toBe(true);

    const [payerHad, sourceHad] = [await chain.balance(payer), await chain.balance(source)];
    await chain.send(Buffer.from(second.transaction).toString('base64'));
    expect(await chain.balance(destination)).toBe(Number(LAMPORTS));
    const fee = payerHad - (await chain.balance(payer));
    expect(fee).toBe(10_000);
    expect(sourceHad - (await chain.balance(source))).toBe(Number(LAMPORTS));

    // The fee is the payer's loss alone, the transfer the source's alone (I6).
    const after = await client.listKeys();
    const grew = (id: string): bigint => solSpent(after, id) - solSpent(before, id);
    expect(grew('trading-1')).toBeGreaterThanOrEqual(BigInt(fee));
    expect(grew('trading-1')).toBeLessThan(1_000_000n);
    expect(grew('trading-2')).toBe(LAMPORTS);

    const made = ofType(await ledgerLines(site.ledger), 'authorization').slice(-2);
    expect(made.map(({ key }) => key)).toEqual(['trading-1', 'trading-2']);
    // Both judged the same bytes, the whole message.
    for (const entry of made) expect(Buffer.from(entry.message, 'base64')).toEqual(message);
    const [ofPayer, ofSource] = made.map(
      ({ counted }) => new Map(counted.map(({ unit, amount }) => [unit, amount])),
    );
    expect(ofSource?.get('SOL')).toBe(String(LAMPORTS));
    expect(ofSource?.get('fee') ?? '0').toBe('0');
    expect(ofPayer?.get('fee')).toBe(ofPayer?.get('SOL'));
  });

  it('takes either order', async () => {
    const destination = Keypair.generate().publicKey.toBase58();
    const unsigned = await transaction(destination, LAMPORTS + 1n);
    const source1 = await client.signTransaction({ key: 'trading-2', transaction: unsigned });
    const payer2 = await client.signTransaction({ key: 'trading-1', transaction: source1.transaction });
    expect(slot(payer2.transaction, 1)).toEqual(slot(source1.transaction, 1));
    await chain.send(Buffer.from(payer2.transaction).toString('base64'));
    expect(await chain.balance(destination)).toBe(Number(LAMPORTS) + 1);
  });

  it('each judges the whole: what one may not do is refused though the other signed it', async () => {
    const unsigned = await transaction(Keypair.generate().publicKey.toBase58(), 600_000_000n);
    const before = solSpent(await client.listKeys(), 'trading-2');
    const first = await client.signTransaction({ key: 'trading-1', transaction: unsigned });
    await expect(
      client.signTransaction({ key: 'trading-2', transaction: first.transaction }),
    ).rejects.toMatchObject({ code: 'SPEND_LIMIT_EXCEEDED' });
    expect(solSpent(await client.listKeys(), 'trading-2')).toBe(before);
  });

  it('a signature of another that is not good stays byte for byte, and is not taken for ours', async () => {
    const unsigned = await transaction(Keypair.generate().publicKey.toBase58(), LAMPORTS + 2n);
    unsigned.fill(0xab, 1, 1 + SIGNATURE);
    const signed = await client.signTransaction({ key: 'trading-2', transaction: unsigned });
    expect(slot(signed.transaction, 0)).toEqual(Buffer.alloc(SIGNATURE, 0xab));
    await expect(chain.send(Buffer.from(signed.transaction).toString('base64'))).rejects.toThrow();
    // The key whose slot holds it puts its own there.
    const again = await client.signTransaction({ key: 'trading-1', transaction: signed.transaction });
    expect(slot(again.transaction, 1)).toEqual(slot(signed.transaction, 1));
    await chain.send(Buffer.from(again.transaction).toString('base64'));
  });
});
