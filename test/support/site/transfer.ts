import { Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js';

/** A legacy transaction that moves lamports from `from`, unsigned, in base64. `nonce` makes it unique. */
export function transfer(
  from: string,
  lamports: bigint,
  nonce: number,
  to = STRANGER,
  recentBlockhash = distinct(nonce),
): string {
  const transaction = new Transaction();
  transaction.recentBlockhash = recentBlockhash;
  transaction.feePayer = new PublicKey(from);
  transaction.add(
    SystemProgram.transfer({ fromPubkey: new PublicKey(from), toPubkey: new PublicKey(to), lamports }),
  );
  return transaction.serialize({ requireAllSignatures: false, verifySignatures: false }).toString('base64');
}

function distinct(nonce: number): string {
  const blockhash = Buffer.alloc(32);
  blockhash.writeUInt32LE(nonce + 1);
  return new PublicKey(blockhash).toBase58();
}

export const STRANGER = Keypair.fromSeed(Buffer.alloc(32, 7)).publicKey.toBase58();
