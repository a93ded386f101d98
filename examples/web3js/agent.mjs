// The same with @solana/web3.js 1.x: a wallet with signTransaction and signAllTransactions.
//   CHANCERY_SOCKET=demo/run/signer.sock RPC_URL=https://api.devnet.solana.com node agent.mjs DESTINATION LAMPORTS
import {
  ComputeBudgetProgram,
  Connection,
  PublicKey,
  SystemProgram,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import { connect } from 'chancery/client';
import { ChanceryWallet } from 'chancery/web3js';

const [destination, lamports] = process.argv.slice(2);
const connection = new Connection(process.env.RPC_URL);
const client = await connect({ socket: process.env.CHANCERY_SOCKET });
const [key] = await client.listKeys();
const wallet = new ChanceryWallet({ client, key: key.id, publicKey: key.publicKey });

const { blockhash } = await connection.getLatestBlockhash();
const transaction = new VersionedTransaction(
  new TransactionMessage({
    payerKey: wallet.publicKey,
    recentBlockhash: blockhash,
    instructions: [
      ComputeBudgetProgram.setComputeUnitLimit({ units: 1_000 }),
      SystemProgram.transfer({
        fromPubkey: wallet.publicKey,
        toPubkey: new PublicKey(destination),
        lamports: BigInt(lamports),
      }),
    ],
  }).compileToV0Message(),
);

try {
  await wallet.signTransaction(transaction);
  console.log(await connection.sendRawTransaction(transaction.serialize()));
} catch (error) {
  console.error(error.code, JSON.stringify(error.failures ?? error.message));
  process.exitCode = 1;
} finally {
  client.close();
}
