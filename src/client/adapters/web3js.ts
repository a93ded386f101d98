import { PublicKey, type Transaction, type VersionedTransaction } from '@solana/web3.js';
import { ChanceryError } from '../../core/errors.js';
import type { Client, Signed } from '../client.js';
import { readWireTransaction } from '../wire-transaction.js';
import { signAll } from './sign-all.js';

export interface WalletOptions {
  readonly client: Client;
  /** Key id in the policy. */
  readonly key: string;
  /** The key's public key, base58. */
  readonly publicKey: string;
}

/**
 * A wallet for @solana/web3.js 1.98 and 1.99. It has the shape of Anchor's `Wallet`: give it to `AnchorProvider` as it is.
 * A transaction comes back as the same object with the signature added.
 */
export class ChanceryWallet {
  readonly publicKey: PublicKey;
  readonly #client: Client;
  readonly #key: string;

  constructor(options: WalletOptions) {
    this.publicKey = new PublicKey(options.publicKey);
    this.#client = options.client;
    this.#key = options.key;
  }

  /** Rejects with ChanceryError: a refusal with its `failures`, or one of `chancery/client`'s own. */
  async signTransaction<T extends Transaction | VersionedTransaction>(transaction: T): Promise<T> {
    const request = {
      key: this.#key,
      publicKey: this.publicKey.toBase58(),
      transaction: serialize(transaction),
    };
    this.#add(transaction, await this.#client.signTransaction(request));
    return transaction;
  }

  /**
   * Judged one by one. Rejects with the first refusal and adds no signature then, though others were signed and
   * counted.
   */
  async signAllTransactions<T extends Transaction | VersionedTransaction>(transactions: T[]): Promise<T[]> {
    const signed = await signAll(this.#client, {
      key: this.#key,
      publicKey: this.publicKey.toBase58(),
      transactions: transactions.map((transaction) => serialize(transaction)),
    });
    for (const [index, transaction] of transactions.entries()) {
      const item = signed[index];
      if (item !== undefined) this.#add(transaction, item);
    }
    return transactions;
  }

  #add(transaction: Transaction | VersionedTransaction, signed: Signed): void {
    transaction.addSignature(this.publicKey, Buffer.from(signed.signatureBytes));
    // The object is the caller's: changed while it was away, it would carry a signature of other bytes. Signatures of
    // others may have come meanwhile.
    if (Buffer.compare(messageOf(serialize(transaction)), messageOf(signed.transaction)) !== 0) {
      throw new ChanceryError('SIGNATURE_WRONG', 'the transaction was changed while it was being signed', {
        hint: 'do not touch a transaction before its signature is back',
      });
    }
  }
}

function messageOf(wire: Uint8Array): Uint8Array {
  return readWireTransaction(wire).message;
}

/** Throws MALFORMED_TRANSACTION when the library cannot write it: no blockhash, no fee payer, version 1. */
function serialize(transaction: Transaction | VersionedTransaction): Uint8Array {
  try {
    // Told apart by form, not by class: the caller may hold another copy of the library.
    return 'version' in transaction
      ? transaction.serialize()
      : transaction.serialize({ requireAllSignatures: false, verifySignatures: false });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ChanceryError(
      'MALFORMED_TRANSACTION',
      `@solana/web3.js cannot serialize the transaction: ${why}`,
      {
        cause,
        // 1.99 reads version 1 and does not write it; 1.98 knows no such version.
        ...('version' in transaction && Number(transaction.version) === 1
          ? { hint: 'give the wire bytes to `signTransaction` of the client, or use chancery/kit' }
          : {}),
      },
    );
  }
}
