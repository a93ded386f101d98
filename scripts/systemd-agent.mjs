// usage: node systemd-agent.mjs COUNT: asks for COUNT signatures, one after the other, and says so when the first
// came, and prints how many came and which codes the others got. An agent for scripts/systemd-guest.
import console from 'node:console';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js';
import { connect } from 'chancery/client';

const KEY = 'trading-1';
const client = await connect({ socket: '/run/chancery/signer.sock' });
const [{ publicKey }] = (await client.listKeys()).filter((key) => key.id === KEY);
const payer = new PublicKey(publicKey);
const codes = {};
for (let asked = 0; asked < Number(process.argv[2]); asked += 1) {
  const recentBlockhash = Keypair.generate().publicKey.toBase58();
  const transfer = SystemProgram.transfer({ fromPubkey: payer, toPubkey: payer, lamports: 1 });
  const transaction = new Transaction({ feePayer: payer, recentBlockhash }).add(transfer);
  const wire = transaction.serialize({ requireAllSignatures: false, verifySignatures: false });
  let code = 'ok';
  try {
    await client.signTransaction({ key: KEY, transaction: wire });
    if (codes.ok === undefined) console.error('signing');
  } catch (error) {
    code = error.code;
    await setTimeout(50);
  }
  codes[code] = (codes[code] ?? 0) + 1;
}
client.close();
console.log(JSON.stringify(codes));
