// A trading agent with @solana/kit. The key is in the daemon's token; the agent builds transactions and asks.
//   CHANCERY_SOCKET=demo/run/signer.sock RPC_URL=https://api.devnet.solana.com node agent.mjs DESTINATION LAMPORTS
import { getTransferSolInstruction } from '@solana-program/system';
import * as solana from '@solana/kit';
import { connect } from 'chancery/client';
import { kitSigner } from 'chancery/kit';

const [destination, lamports] = process.argv.slice(2);
const rpc = solana.createSolanaRpc(process.env.RPC_URL);
const client = await connect({ socket: process.env.CHANCERY_SOCKET });
const [key] = await client.listKeys();
const wallet = kitSigner({ client, key: key.id, publicKey: key.publicKey });

const { value: blockhash } = await rpc.getLatestBlockhash().send();
const message = solana.pipe(
  solana.createTransactionMessage({ version: 0 }),
  (m) => solana.setTransactionMessageFeePayerSigner(wallet, m),
  (m) => solana.setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
  (m) => solana.setTransactionMessageComputeUnitLimit(1_000, m),
  (m) =>
    solana.appendTransactionMessageInstruction(
      getTransferSolInstruction({
        source: wallet,
        destination: solana.address(destination),
        amount: BigInt(lamports),
      }),
      m,
    ),
);

try {
  const signed = await solana.signTransactionMessageWithSigners(message);
  const wire = solana.getBase64EncodedWireTransaction(signed);
  console.log(await rpc.sendTransaction(wire, { encoding: 'base64' }).send());
} catch (error) {
  // A refusal names every rule that failed, with its figures: limit, spent, requested, resetsAt.
  console.error(error.code, JSON.stringify(error.failures ?? error.message));
  process.exitCode = 1;
} finally {
  client.close();
}
