import { decodeBase58 } from '../../core/base58.js';
import { decodeBase64 } from '../../core/base64.js';
import { enrolKey, verifyStrict, type StrictVerifier, type VerifyingKey } from '../../core/ed25519.js';
import { sodiumVerifier } from '../../os/sodium.js';

/** As they stand in the entries: key and signature base58, message base64. */
export interface SignatureTask {
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
}

/** Verifies batches; resolves to the indices of those that fail. */
export interface SignatureVerifier {
  verify(tasks: readonly SignatureTask[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** What one thread verifies with: the faster strict verifier there is, and the keys it has met. */
export class SignatureCheck {
  readonly #verify: StrictVerifier = sodiumVerifier() ?? verifyStrict;
  /** By base58: checking one costs 1 ms, a ledger has a handful. Null for one that is unsound. */
  readonly #keys = new Map<string, VerifyingKey | null>();

  /** The indices of the tasks whose signature a strict verifier refuses. */
  findBad(tasks: readonly SignatureTask[]): number[] {
    const bad: number[] = [];
    for (const [index, task] of tasks.entries()) if (!this.#holds(task)) bad.push(index);
    return bad;
  }

  #holds({ publicKey, message, signature }: SignatureTask): boolean {
    const key = this.#key(publicKey);
    const messageBytes = decodeBase64(message);
    const signatureBytes = decodeBase58(signature);
    if (key === null || messageBytes === null || signatureBytes === null) return false;
    return this.#verify(key, messageBytes, signatureBytes);
  }

  #key(publicKey: string): VerifyingKey | null {
    const known = this.#keys.get(publicKey);
    if (known !== undefined) return known;
    const bytes = decodeBase58(publicKey);
    const key = bytes === null ? null : enrolKey(bytes);
    this.#keys.set(publicKey, key);
    return key;
  }
}

/** Verifies where it is called. */
export function inlineVerifier(): SignatureVerifier {
  const check = new SignatureCheck();
  return {
    verify: (tasks) => Promise.resolve(check.findBad(tasks)),
    close: () => Promise.resolve(),
  };
}
