// The agent of the quickstart: what a trading program does, with @solana/kit as usual. Chancery is its signer. The
// chain is litesvm, a real Solana VM inside this process. Arguments: signer socket.
import { connect, ChanceryError } from 'chancery/client';
import { kitSigner } from 'chancery/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import {
  appendTransactionMessageInstruction,
  createTransactionMessage,
  generateKeyPairSigner,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { FailedTransactionMetadata, LiteSVM } from 'litesvm';

const SOL = 1_000_000_000n;
const sol = (amount) => `${Number(amount) / 1e9} SOL`;
const started = performance.now();
const say = (text) => {
  console.log(`  ${((performance.now() - started) / 1000).toFixed(2).padStart(6)} s  ${text}`);
};

const client = await connect({ socket: process.argv[2] });
try {
  const [key] = await client.listKeys();
  if (key === undefined) throw new Error('the daemon names no key for this workload');
  say(`the agent is known by its process, and may use ${key.id} (${key.publicKey})`);
  const wallet = kitSigner({ client, key: key.id, publicKey: key.publicKey });
  const destination = (await generateKeyPairSigner()).address;

  const chain = new LiteSVM();
  chain.airdrop(wallet.address, lamports(10n * SOL));

  const transfer = (amount) =>
    pipe(
      createTransactionMessage({ version: 0 }),
      (message) => setTransactionMessageFeePayerSigner(wallet, message),
      (message) => chain.setTransactionMessageLifetimeUsingLatestBlockhash(message),
      (message) =>
        appendTransactionMessageInstruction(
          getTransferSolInstruction({ source: wallet, destination, amount }),
          message,
        ),
    );

  const asked = performance.now();
  const signed = await signTransactionMessageWithSigners(transfer(SOL / 5n));
  say(`asked for ${sol(SOL / 5n)} to ${destination}: signed in ${(performance.now() - asked).toFixed(1)} ms`);
  const outcome = chain.sendTransaction(signed);
  if (outcome instanceof FailedTransactionMetadata)
    throw new Error(`litesvm refused it: ${outcome.toString()}`);
  const balance = chain.getBalance(destination);
  if (balance !== SOL / 5n) throw new Error(`the destination holds ${balance}`);
  say(
    `litesvm executed it: the destination holds ${sol(balance)}, the wallet ${sol(chain.getBalance(wallet.address))}`,
  );

  const tooMuch = (SOL * 6n) / 10n;
  const refusal = await signTransactionMessageWithSigners(transfer(tooMuch)).then(
    () => null,
    (error) => error,
  );
  const failure =
    refusal instanceof ChanceryError
      ? refusal.failures.find(({ code }) => code === 'SPEND_LIMIT_EXCEEDED')
      : undefined;
  if (failure === undefined) throw refusal ?? new Error(`${sol(tooMuch)} were signed over the limit`);
  say(`asked for ${sol(tooMuch)}: refused with ${failure.code}`);
  const { limit, spent, requested, rule } = failure;
  say(
    `  limit ${limit}, ${spent === undefined ? '' : `spent ${spent}, `}requested ${requested} lamports (${rule})`,
  );
  say(`  ${failure.message}`);
} finally {
  client.close();
}
