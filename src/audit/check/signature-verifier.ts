import { decodeBase58 } from '../../core/base58.js';
import { decodeBase64 } from '../../core/base64.js';
import { enrolKey, verifyStrict, type VerifyingKey } from '../../core/ed25519.js';

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

/** Checked keys by base58: enrolling one costs 1 ms, a ledger has a handful. Null for one that is unsound. */
export type KeyCache = Map<string, VerifyingKey | null>;

/** The indices of the tasks whose signature a strict verifier refuses. */
export function findBad(tasks: readonly SignatureTask[], keys: KeyCache): number[] {
  const bad: number[] = [];
  for (const [index, task] of tasks.entries()) if (!holds(task, keys)) bad.push(index);
  return bad;
}

function holds({ publicKey, message, signature }: SignatureTask, keys: KeyCache): boolean {
  let key = keys.get(publicKey);
  if (key === undefined) {
    const bytes = decodeBase58(publicKey);
    key = bytes === null ? null : enrolKey(bytes);
    keys.set(publicKey, key);
  }
  const messageBytes = decodeBase64(message);
  const signatureBytes = decodeBase58(signature);
  if (key === null || messageBytes === null || signatureBytes === null) return false;
  return verifyStrict(key, messageBytes, signatureBytes);
}

/** Verifies where it is called. */
export function inlineVerifier(): SignatureVerifier {
  const keys: KeyCache = new Map();
  return {
    verify: (tasks) => Promise.resolve(findBad(tasks, keys)),
    close: () => Promise.resolve(),
  };
}
