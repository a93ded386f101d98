import { Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js';

/** A legacy transaction that moves lamports from `from`, unsigned, in base64. `nonce` makes it unique. */
export function transfer(from: string, lamports: bigint, nonce: number, to = STRANGER): string {
  const transaction = new Transaction();
  const blockhash = Buffer.alloc(32);
  blockhash.writeUInt32LE(nonce + 1);
  transaction.recentBlockhash = new PublicKey(blockhash).toBase58();
  transaction.feePayer = new PublicKey(from);
  transaction.add(
    SystemProgram.transfer({ fromPubkey: new PublicKey(from), toPubkey: new PublicKey(to), lamports }),
  );
  return transaction.serialize({ requireAllSignatures: false, verifySignatures: false }).toString('base64');
}

export const STRANGER = Keypair.fromSeed(Buffer.alloc(32, 7)).publicKey.toBase58();
