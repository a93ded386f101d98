// An Anchor program called with Anchor's own client: ChanceryWallet is the provider's wallet. The policy declares the
// program by its IDL (policy.yaml here), so that the daemon can read the instruction and bound its arguments.
//   CHANCERY_SOCKET=demo/run/signer.sock RPC_URL=https://api.devnet.solana.com node agent.mjs AMOUNT
import { readFileSync } from 'node:fs';
import anchor from '@coral-xyz/anchor';
import { Connection } from '@solana/web3.js';
import { connect } from 'chancery/client';
import { ChanceryWallet } from 'chancery/web3js';

const [amount] = process.argv.slice(2);
const idl = JSON.parse(readFileSync(new URL('journal.json', import.meta.url), 'utf8'));
const connection = new Connection(process.env.RPC_URL);
const client = await connect({ socket: process.env.CHANCERY_SOCKET });
const [key] = await client.listKeys();
const wallet = new ChanceryWallet({ client, key: key.id, publicKey: key.publicKey });
const program = new anchor.Program(idl, new anchor.AnchorProvider(connection, wallet));

const transaction = await program.methods
  .record(new anchor.BN(amount))
  .accounts({ author: wallet.publicKey })
  .transaction();
transaction.feePayer = wallet.publicKey;
transaction.recentBlockhash = (await connection.getLatestBlockhash()).blockhash;

try {
  await wallet.signTransaction(transaction);
  console.log(await connection.sendRawTransaction(transaction.serialize()));
} catch (error) {
  console.error(error.code, JSON.stringify(error.failures ?? error.message));
  process.exitCode = 1;
} finally {
  client.close();
}
