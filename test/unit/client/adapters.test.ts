import {
  address,
  appendTransactionMessageInstruction,
  assertIsFullySignedTransaction,
  assertIsTransactionWithinSizeLimit,
  blockhash,
  compileTransaction,
  createKeyPairSignerFromPrivateKeyBytes,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  isTransactionPartialSigner,
  lamports,
  partiallySignTransactionMessageWithSigners,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as web3 from '@solana/web3.js';
import bs58 from 'bs58';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as web3next from 'web3js-1.99';
import { connect, type Client } from '../../../src/client/api.js';
import { kitSigner } from '../../../src/client/adapters/kit.js';
import { ChanceryWallet } from '../../../src/client/adapters/web3js.js';
import { readWireTransaction } from '../../../src/client/wire-transaction.js';
import { FakeDaemon, wireError } from '../../support/fake-daemon.js';
import { OTHER, pubkeyOf, WALLET } from '../../support/fake-signer.js';
import { rejected } from '../../support/rejected.js';
import { compile, systemTransfer, wire } from '../../support/solana-build.js';

const BLOCKHASH = bs58.encode(Buffer.alloc(32, 3));
const TO = bs58.encode(Buffer.alloc(32, 4));

/** What an honest daemon answers for a wire transaction in base64. */
function signWire(text: string): Record<string, unknown> {
  const bytes = Buffer.from(text, 'base64');
  const { message, signers, signaturesOffset } = readWireTransaction(bytes);
  const signature = WALLET.raw(message);
  const slot = signers.indexOf(pubkeyOf(WALLET));
  const at = signaturesOffset + 64 * slot;
  const signed = Buffer.from(bytes);
  signed.set(signature, at);
  return {
    signature: bs58.encode(signature),
    transaction: signed.toString('base64'),
    entry: { sequence: '1', hash: 'ab'.repeat(32) },
    limits: [],
  };
}

let daemon: FakeDaemon;
let client: Client;
/** Index of the transaction to refuse within all that were asked. */
let refuse: number | null;

beforeEach(async () => {
  refuse = null;
  let asked = 0;
  daemon = await FakeDaemon.start(({ method, params }) => {
    if (method === 'signTransaction') {
      return asked++ === refuse ? refusal : signWire(String(params['transaction']));
    }
    return (params['transactions'] as string[]).map((text) =>
      asked++ === refuse ? { error: refusal.error } : { result: signWire(text) },
    );
  });
  client = await connect({ socket: daemon.path });
});
afterEach(() => {
  client.close();
});

const refusal = wireError('SPEND_LIMIT_EXCEEDED', 'over');

describe('chancery/kit', () => {
  const signer = () => kitSigner({ client, key: 'trading-1', publicKey: WALLET.address });
  const transfer = () =>
    getTransferSolInstruction({ source: signer(), destination: address(TO), amount: lamports(5n) });

  function message(version: 0 | 'legacy') {
    return pipe(
      createTransactionMessage({ version }),
      (tx) => setTransactionMessageFeePayerSigner(signer(), tx),
      (tx) =>
        setTransactionMessageLifetimeUsingBlockhash(
          { blockhash: blockhash(BLOCKHASH), lastValidBlockHeight: 1n },
          tx,
        ),
      (tx) => appendTransactionMessageInstruction(transfer(), tx),
    );
  }

  it('is a partial signer by kit itself', () => {
    expect(isTransactionPartialSigner(signer())).toBe(true);
    expect(signer().address).toBe(WALLET.address);
  });

  it.each(['legacy', 0] as const)('signs a version %s message', async (version) => {
    const signed = await signTransactionMessageWithSigners(message(version));
    assertIsFullySignedTransaction(signed);
    const wire = Buffer.from(getBase64EncodedWireTransaction(signed), 'base64');
    const { signers } = readWireTransaction(wire);
    expect(signers).toEqual([pubkeyOf(WALLET)]);
    expect(web3.VersionedTransaction.deserialize(wire).serialize()).toEqual(new Uint8Array(wire));
    expect(
      Buffer.from(signed.signatures[address(WALLET.address)]!).equals(
        WALLET.raw(new Uint8Array(signed.messageBytes)),
      ),
    ).toBe(true);
  });

  it('signs beside another signer', async () => {
    const payer = await createKeyPairSignerFromPrivateKeyBytes(Buffer.alloc(32, 8));
    const together = setTransactionMessageFeePayerSigner(payer, message(0));
    const signed = await partiallySignTransactionMessageWithSigners(together);
    assertIsFullySignedTransaction(signed);
    expect(Object.keys(signed.signatures)).toEqual([payer.address, WALLET.address]);
  });

  it('passes a refusal on as it is', async () => {
    refuse = 0;
    expect((await rejected(signTransactionMessageWithSigners(message(0)))).code).toBe('SPEND_LIMIT_EXCEEDED');
  });

  it('can be aborted', async () => {
    const transaction = compileTransaction(message(0));
    assertIsTransactionWithinSizeLimit(transaction);
    const aborted = { abortSignal: AbortSignal.abort() };
    expect((await rejected(signer().signTransactions([transaction], aborted))).code).toBe('ABORTED');
  });
});

/** The two versions in use. Their classes differ for TypeScript (1.99 knows version 1), and not in what is used here. */
const VERSIONS = [
  ['1.98', web3],
  ['1.99', web3next as unknown as typeof web3],
] as const;

describe.each(VERSIONS)('chancery/web3js with @solana/web3.js %s', (version, library) => {
  const { Keypair, PublicKey, SystemProgram, Transaction, TransactionMessage, VersionedTransaction } =
    library;
  let Wallet: typeof ChanceryWallet;

  beforeAll(async () => {
    // The adapter imports the library that the agent's project has; the query makes a module of its own of it.
    vi.doMock('@solana/web3.js', () => library);
    const adapter = `../../../src/client/adapters/web3js.js?web3js=${version.replace('.', '-')}`;
    ({ ChanceryWallet: Wallet } = (await import(adapter)) as { ChanceryWallet: typeof ChanceryWallet });
  });
  afterAll(() => {
    vi.doUnmock('@solana/web3.js');
  });

  const wallet = () => new Wallet({ client, key: 'trading-1', publicKey: WALLET.address });
  const payer = new PublicKey(WALLET.address);
  const transfer = (lamports = 5) =>
    SystemProgram.transfer({ fromPubkey: payer, toPubkey: new PublicKey(TO), lamports });

  const legacy = (lamports?: number) =>
    new Transaction({ feePayer: payer, blockhash: BLOCKHASH, lastValidBlockHeight: 1 }).add(
      transfer(lamports),
    );
  const versioned = (lamports?: number) =>
    new VersionedTransaction(
      new TransactionMessage({
        payerKey: payer,
        recentBlockhash: BLOCKHASH,
        instructions: [transfer(lamports)],
      }).compileToV0Message(),
    );

  it('signs a legacy transaction, and gives the same object back', async () => {
    const transaction = legacy();
    expect(await wallet().signTransaction(transaction)).toBe(transaction);
    expect(transaction.verifySignatures()).toBe(true);
  });

  it('signs a versioned one', async () => {
    const transaction = versioned();
    expect(await wallet().signTransaction(transaction)).toBe(transaction);
    expect(Buffer.from(transaction.signatures[0]!).equals(WALLET.raw(transaction.message.serialize()))).toBe(
      true,
    );
  });

  const other = Keypair.fromSeed(Buffer.alloc(32, 2));
  const paidByOther = () =>
    new Transaction({ feePayer: other.publicKey, blockhash: BLOCKHASH, lastValidBlockHeight: 1 }).add(
      transfer(),
    );

  it('keeps the signature of another signer', async () => {
    const transaction = paidByOther();
    transaction.partialSign(other);
    await wallet().signTransaction(transaction);
    expect(transaction.verifySignatures()).toBe(true);
    expect(transaction.signatures).toHaveLength(2);
  });

  it('takes signatures of others that come while it signs', async () => {
    const transaction = paidByOther();
    const signing = wallet().signTransaction(transaction);
    transaction.partialSign(other);
    await signing;
    expect(transaction.verifySignatures()).toBe(true);
  });

  it('signs many, more than one request holds, in order', async () => {
    const transactions = Array.from({ length: 70 }, (_, index) =>
      index % 2 ? legacy(index) : versioned(index),
    );
    const signed = await wallet().signAllTransactions(transactions);
    expect(signed).toHaveLength(70);
    for (const transaction of signed) {
      const message =
        'version' in transaction ? transaction.message.serialize() : transaction.serializeMessage();
      const first = 'version' in transaction ? transaction.signatures[0] : transaction.signature;
      expect(Buffer.from(first!).equals(WALLET.raw(message))).toBe(true);
    }
    expect(daemon.requests.map(({ params }) => (params['transactions'] as string[]).length)).toEqual([64, 6]);
  });

  it('adds no signature when one of many is refused', async () => {
    refuse = 1;
    const transactions = [legacy(1), legacy(2), legacy(3)];
    expect((await rejected(wallet().signAllTransactions(transactions))).code).toBe('SPEND_LIMIT_EXCEEDED');
    expect(transactions.every(({ signature }) => signature === null)).toBe(true);
  });

  it('is of the same library as the transactions', () => {
    expect(wallet().publicKey).toBeInstanceOf(PublicKey);
  });

  it('takes transactions of another copy of the library', async () => {
    for (const [, other] of VERSIONS) {
      const from = new other.PublicKey(WALLET.address);
      const pay = other.SystemProgram.transfer({ fromPubkey: from, toPubkey: from, lamports: 5 });
      const old = new other.Transaction({ feePayer: from, blockhash: BLOCKHASH, lastValidBlockHeight: 1 });
      await wallet().signTransaction(old.add(pay));
      expect(old.verifySignatures()).toBe(true);
    }
  });

  it('says what cannot be serialized, and asks nobody', async () => {
    const bare = new Transaction().add(transfer());
    bare.feePayer = payer;
    const error = await rejected(wallet().signTransaction(bare));
    expect(error.code).toBe('MALFORMED_TRANSACTION');
    expect(error.message).toContain('recentBlockhash');
    expect(daemon.requests).toEqual([]);
  });

  it('refuses a transaction that its owner changed meanwhile', async () => {
    const transaction = legacy();
    const signing = rejected(wallet().signTransaction(transaction));
    transaction.add(transfer(6));
    expect((await signing).code).toBe('SIGNATURE_WRONG');
  });

  it('refuses a signature of another key', async () => {
    const stranger = new Wallet({ client, key: 'trading-1', publicKey: OTHER.address });
    const transaction = new Transaction({
      feePayer: new PublicKey(OTHER.address),
      blockhash: BLOCKHASH,
      lastValidBlockHeight: 1,
    }).add(transfer());
    expect((await rejected(stranger.signTransaction(transaction))).code).toBe('RESPONSE_INVALID');
  });
});

/** 1.99 reads version 1 and cannot write it: its `serialize` throws. */
it('chancery/web3js names the way round for a version-1 transaction, which @solana/web3.js cannot write', async () => {
  const K = pubkeyOf(WALLET);
  const config = { config: { computeUnitLimit: 1000, loadedDataLimit: 1000, priorityFee: 5n } };
  const bytes = wire(1, compile(1, [K], [systemTransfer(K, pubkeyOf(OTHER), 5n)], config), 1);
  const transaction = web3next.VersionedTransaction.deserialize(bytes);
  expect(transaction.version).toBe(1);
  const wallet = new ChanceryWallet({ client, key: 'trading-1', publicKey: WALLET.address });
  const error = await rejected(wallet.signTransaction(transaction as unknown as web3.VersionedTransaction));
  expect(error).toMatchObject({
    code: 'MALFORMED_TRANSACTION',
    hint: 'give the wire bytes to `signTransaction` of the client, or use chancery/kit',
  });
  // That way works.
  const { transaction: signed } = await client.signTransaction({
    key: 'trading-1',
    publicKey: WALLET.address,
    transaction: bytes,
  });
  const read = web3next.VersionedTransaction.deserialize(signed);
  expect(Buffer.from(read.signatures[0]!).equals(WALLET.raw(bytes.subarray(0, -64)))).toBe(true);
});
