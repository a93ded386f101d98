import { encodeBase58 } from '../core/base58.js';
import { decodeBase64 } from '../core/base64.js';
import { SIGNATURE_BYTES, type VerifyingKey } from '../core/ed25519.js';
import { ChanceryError } from '../core/errors.js';
import type { ParamsInput, ResultOf } from '../protocol/method.js';
import { possessionMessage } from '../protocol/possession.js';
import { SIGNER_METHODS, type SignerMethods } from '../protocol/signer-methods.js';
import { allToBase64, givenAddress, givenOptions, givenRequest, toBase64 } from './arguments.js';
import { checkSigned } from './check-signed.js';
import type { Connection } from './connection.js';
import { PinnedKeys } from './pinned-keys.js';
import { rpcError } from './rpc-error.js';
import { readResult, RpcSession, type CallOptions } from './rpc-session.js';
import { signerSocket } from './signer-socket.js';

export type Challenge = ResultOf<SignerMethods['getChallenge']>;
export type Authenticated = ResultOf<SignerMethods['authenticate']>;
export type KeyInfo = ResultOf<SignerMethods['listKeys']>[number];
export type Explanation = ResultOf<SignerMethods['explainTransaction']>;
type SignedReply = ResultOf<SignerMethods['signTransaction']>;

export interface ConnectOptions {
  /** Path of signer.sock; when absent CHANCERY_SOCKET, else /run/chancery/signer.sock. */
  readonly socket?: string | undefined;
  /** For each request, in milliseconds; 10 s when absent. */
  readonly timeout?: number | undefined;
  /** Ends the client when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Base58 public keys by key id, known from elsewhere. Others are pinned as `listKeys` first names them. */
  readonly expect?: Readonly<Record<string, string>> | undefined;
  /** Proves possession of this key on every new connection, for attestations that ask for it. */
  readonly possession?: Possession | undefined;
}

export interface Possession {
  /** Base58. */
  readonly publicKey: string;
  /** The 64-byte Ed25519 signature of these bytes. */
  readonly sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** A transaction to look at or sign: its wire bytes, or the same in base64. */
export interface TransactionRequest {
  /** Key id in the policy. */
  readonly key: string;
  readonly transaction: Uint8Array | string;
}

export interface SignRequest extends TransactionRequest {
  /** Base58 of the key the signature must be of; pinned for later requests. */
  readonly publicKey?: string | undefined;
}

export interface SignManyRequest {
  readonly key: string;
  readonly transactions: readonly (Uint8Array | string)[];
  readonly publicKey?: string | undefined;
}

/** A signed transaction, checked: only the key's slot differs from what was sent, and it holds a good signature. */
export interface Signed {
  /** Base58; for the first slot this is the transaction id. */
  readonly signature: string;
  /** The same, 64 bytes. */
  readonly signatureBytes: Uint8Array;
  /** Wire bytes with the slot filled. */
  readonly transaction: Uint8Array;
  /** The signature's entry in the ledger. */
  readonly entry: SignedReply['entry'];
  /** What is left; base units. */
  readonly limits: SignedReply['limits'];
  /** Request id, also in the ledger and the daemon's log. */
  readonly request?: string;
}

export type SignedItem =
  { readonly ok: true; readonly signed: Signed } | { readonly ok: false; readonly error: ChanceryError };

/**
 * Connects to a daemon on this machine and keeps connected: a lost connection is opened again when a request needs
 * one. Rejects with DAEMON_UNREACHABLE when nothing answers, or with the daemon's own error (WORKLOAD_UNKNOWN, …).
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const { possession } = givenOptions(options);
  const keys = new PinnedKeys();
  for (const [id, address] of Object.entries(options.expect ?? {})) keys.pin(id, givenAddress(address));
  const session = await RpcSession.open(SIGNER_METHODS, {
    socket: signerSocket(options.socket),
    timeout: options.timeout,
    signal: options.signal,
    ...(possession === undefined
      ? {}
      : { prepare: (connection: Connection) => provePossession(connection, possession) }),
  });
  return new Client(session, keys);
}

/** The client of one daemon. Every method rejects with ChanceryError: `code`, `failures`, `hint`, `request`. */
export class Client {
  readonly #session: RpcSession<SignerMethods>;
  readonly #keys: PinnedKeys;

  constructor(session: RpcSession<SignerMethods>, keys: PinnedKeys) {
    this.#session = session;
    this.#keys = keys;
  }

  /** A nonce for this connection, and the head of the ledger that an attestation may name. */
  getChallenge(options?: CallOptions): Promise<Challenge> {
    return this.#session.call('getChallenge', {}, options);
  }

  /** Brings an attestation into force, or proves possession of a key. This version's daemon takes no JWT-SVID. */
  authenticate(
    params: ParamsInput<SignerMethods['authenticate']>,
    options?: CallOptions,
  ): Promise<Authenticated> {
    return this.#session.call('authenticate', params, options);
  }

  /** The keys this workload may know, with what is left of their limits. */
  listKeys(options?: CallOptions): Promise<readonly KeyInfo[]> {
    return this.#session.call('listKeys', {}, options);
  }

  /** What a transaction does and whether it would be signed now; reserves nothing. */
  async explainTransaction(request: TransactionRequest, options?: CallOptions): Promise<Explanation> {
    const { key, transaction } = givenRequest(request);
    return this.#session.call('explainTransaction', { key, transaction: toBase64(transaction) }, options);
  }

  /**
   * Asks for one signature. Rejects with the daemon's refusal (`failures` hold every rule and its figures), or with
   * RESPONSE_INVALID, SIGNATURE_WRONG or KEY_UNTRUSTED when what came back is not what was asked for.
   */
  async signTransaction(request: SignRequest, options?: CallOptions): Promise<Signed> {
    const { key: id, publicKey } = givenRequest(request);
    const transaction = toBase64(request.transaction);
    const key = await this.#keyOf(id, publicKey, options);
    const reply = await this.#session.call('signTransaction', { key: id, transaction }, options);
    return readSigned(id, key, transaction, reply);
  }

  /** Several with one key, judged one by one: a result or an error for each, in order. At most 64. */
  async signTransactions(request: SignManyRequest, options?: CallOptions): Promise<readonly SignedItem[]> {
    const { key: id, publicKey } = givenRequest(request);
    const transactions = allToBase64(request.transactions);
    const key = await this.#keyOf(id, publicKey, options);
    const replies = await this.#session.call('signTransactions', { key: id, transactions }, options);
    if (replies.length !== transactions.length) {
      throw new ChanceryError(
        'RESPONSE_INVALID',
        'the daemon answered another number of transactions than asked',
      );
    }
    return replies.map((reply, index) => readItem(id, key, transactions[index] ?? '', reply));
  }

  /** Proof that an entry is in the ledger: C2SP tlog-proof text. */
  getProof(request: { readonly sequence: string }, options?: CallOptions): Promise<string> {
    return this.#session.call('getProof', request, options);
  }

  /** Ends the connection; requests under way reject with ABORTED. */
  close(): void {
    this.#session.close();
  }

  /** The key a signature must be of; null when neither the caller nor the daemon names one. */
  async #keyOf(
    id: string,
    publicKey: string | undefined,
    options?: CallOptions,
  ): Promise<VerifyingKey | null> {
    if (publicKey !== undefined) return this.#keys.pin(id, givenAddress(publicKey));
    const pinned = this.#keys.get(id);
    if (pinned !== null) return pinned;
    const named = (await this.listKeys(options)).find((item) => item.id === id);
    return named === undefined ? null : this.#keys.pin(id, named.publicKey);
  }
}

function readItem(
  id: string,
  key: VerifyingKey | null,
  transaction: string,
  reply: ResultOf<SignerMethods['signTransactions']>[number],
): SignedItem {
  if ('error' in reply) return { ok: false, error: rpcError(reply.error) };
  try {
    return { ok: true, signed: readSigned(id, key, transaction, reply.result) };
  } catch (error) {
    if (error instanceof ChanceryError) return { ok: false, error };
    throw error;
  }
}

function readSigned(id: string, key: VerifyingKey | null, sent: string, reply: SignedReply): Signed {
  if (key === null) {
    throw new ChanceryError(
      'KEY_UNTRUSTED',
      `the daemon signed with ${JSON.stringify(id)} without naming its public key`,
      { hint: 'pass publicKey, or expect at connect' },
    );
  }
  const transaction = decodeBase64(reply.transaction);
  const sentBytes = decodeBase64(sent);
  if (transaction === null || sentBytes === null) {
    throw new ChanceryError('RESPONSE_INVALID', 'the signed transaction is not canonical base64');
  }
  const signatureBytes = checkSigned(sentBytes, transaction, reply.signature, key);
  return {
    signature: encodeBase58(signatureBytes),
    signatureBytes,
    transaction,
    entry: reply.entry,
    limits: reply.limits,
    ...(reply.request === undefined ? {} : { request: reply.request }),
  };
}

async function provePossession(connection: Connection, possession: Possession): Promise<void> {
  const { getChallenge, authenticate } = SIGNER_METHODS;
  const reply = await connection.request('getChallenge', {});
  const { nonce, ledger } = readResult(getChallenge, 'getChallenge', reply);
  const message = possessionMessage(ledger.origin, Buffer.from(nonce, 'base64'));
  const signature = encodeBase58(await signPossession(possession, message));
  const proof = { possession: { publicKey: possession.publicKey, signature } };
  readResult(authenticate, 'authenticate', await connection.request('authenticate', proof));
}

/** Throws POSSESSION_REQUIRED when the caller's signer throws, or gives something else than a signature. */
async function signPossession(possession: Possession, message: Uint8Array): Promise<Uint8Array> {
  let cause: unknown;
  try {
    const signature = await possession.sign(message);
    if (signature.length === SIGNATURE_BYTES) return signature;
  } catch (error) {
    cause = error;
  }
  throw new ChanceryError('POSSESSION_REQUIRED', 'the signer given as `possession` did not sign', {
    cause,
    hint: 'its `sign` must give the 64 bytes of an Ed25519 signature; what it threw is the cause of this error',
  });
}
