import { ChanceryError } from '../core/errors.js';
import { pubkeyAt, toAddress, type Address } from '../core/pubkey.js';
import { quote } from '../core/schema.js';
import { openAdministration, type Administration, type CreatedKey } from '../hsm/administration.js';
import type { KeyFinding } from '../hsm/key-report.js';
import type { TokenAccess } from '../hsm/token-options.js';

/** A new key as a policy names it: `object: { label, id }` and `publicKey`. */
export interface NewKey {
  readonly label: string;
  /** CKA_ID, hex. */
  readonly objectId: string;
  readonly publicKey: Address;
}

/** A key that lies on the token. */
export interface KeyOnToken extends Omit<NewKey, 'publicKey'> {
  /** Null when the token holds no single public object for it. */
  readonly publicKey: Address | null;
  /** The trust checks it fails when nothing is waived. */
  readonly failed: readonly KeyFinding[];
}

/** Every Ed25519 key of the token. Throws what `openAdministration` throws. */
export function listKeys(access: TokenAccess): Promise<readonly KeyOnToken[]> {
  return administer(access, async (administration) => {
    const keys = await administration.listKeys();
    return keys.map(({ label, objectId, publicKey, findings }) => ({
      label,
      objectId,
      publicKey: publicKey === null ? null : toAddress(pubkeyAt(publicKey)),
      failed: findings.filter(({ verdict }) => verdict === 'fail'),
    }));
  });
}

/**
 * Makes a key inside the token. It can sign for nobody until a policy of the Sovereign names it. Throws also
 * KEY_AMBIGUOUS (label taken), KEY_UNTRUSTED (the token makes keys that fail the checks; nothing is left behind).
 */
export function generateKey(access: TokenAccess, label: string): Promise<NewKey> {
  return administer(access, async (administration) =>
    created(label, await administration.generateKey({ label })),
  );
}

/**
 * Puts a Solana keypair file into the token; only the HSM host reads the file, which is left where it is. The key
 * existed outside: its policy entry needs the waiver `imported`. Throws also KEY_AMBIGUOUS, KEY_UNTRUSTED (its two
 * halves do not belong together), FILE_UNREADABLE, PERMISSION_UNSAFE.
 */
export function importKey(access: TokenAccess, label: string, keypairFile: string): Promise<NewKey> {
  return administer(access, async (administration) =>
    created(label, await administration.importKey({ label, keypairFile })),
  );
}

/**
 * A key that lies on the token already, made there by the vendor's tool or brought from a file. Its public key is what
 * the token's public object says; that the two belong together is proved when a policy names it. Throws also
 * KEY_NOT_FOUND, KEY_AMBIGUOUS (several with this label, or no single public object).
 */
export async function findKey(access: TokenAccess, label: string): Promise<NewKey> {
  const found = (await listKeys(access)).filter((key) => key.label === label);
  const [key] = found;
  if (key === undefined) {
    throw new ChanceryError('KEY_NOT_FOUND', `the token holds no Ed25519 key with label ${quote(label)}`, {
      hint: '`chancery keys list` shows what it holds',
    });
  }
  const { objectId, publicKey } = key;
  if (found.length > 1 || publicKey === null) {
    const many = `${String(found.length)} Ed25519 keys with label ${quote(label)}`;
    throw new ChanceryError(
      'KEY_AMBIGUOUS',
      found.length > 1 ? `the token holds ${many}` : `no single public object stands beside ${quote(label)}`,
      { hint: "give each key a label of its own, and one public object, with the token vendor's tool" },
    );
  }
  return { label, objectId, publicKey };
}

function created(label: string, { publicKey, objectId }: CreatedKey): NewKey {
  return { label, objectId, publicKey: toAddress(pubkeyAt(publicKey)) };
}

async function administer<T>(
  access: TokenAccess,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const administration = await openAdministration(access);
  try {
    return await work(administration);
  } finally {
    await administration.close();
  }
}
