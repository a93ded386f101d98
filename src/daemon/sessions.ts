import { randomBytes } from 'node:crypto';
import { decodeBase58 } from '../core/base58.js';
import { verifyOnce } from '../core/ed25519.js';
import { ChanceryError } from '../core/errors.js';
import type { ExecutableDigests } from '../identity/executable-digests.js';
import { identify } from '../identity/identify.js';
import type { Peer } from '../identity/peer.js';
import { recordedPath } from '../identity/recorded-path.js';
import type { PeerRecord } from '../ledger/entries.js';
import type { Policy } from '../policy/policy.js';
import { POSSESSION_DOMAIN, possessionMessage } from '../protocol/possession.js';
import type { Caller } from '../signing/caller.js';
import type { Call, Connection } from '../transport/call.js';

const NONCE_BYTES = 32;
/** Keys a connection may prove; an attestation names one. */
const MAX_POSSESSED = 16;

interface Session {
  nonce: Buffer;
  readonly possessed: Set<string>;
  readonly peer: PeerRecord;
  /** Who the caller is under the policy it names. */
  caller: Caller | null;
}

/** What belongs to one connection: its caller, its nonce, the keys whose possession it proved. */
export class Sessions {
  readonly #sessions = new WeakMap<Connection, Session>();
  readonly #digests: ExecutableDigests;

  constructor(digests: ExecutableDigests) {
    this.#digests = digests;
  }

  #of(call: Call<Peer>): Session {
    const known = this.#sessions.get(call.connection);
    if (known !== undefined) return known;
    const { exe, gid, pid, uid } = call.peer.facts;
    // In the order of its entry's keys: encodeEntry copies what is not.
    const peer = { exe: recordedPath(exe), gid, pid, uid };
    const session: Session = {
      nonce: randomBytes(NONCE_BYTES),
      possessed: new Set(),
      peer,
      caller: null,
    };
    this.#sessions.set(call.connection, session);
    return session;
  }

  /**
   * The workload that calls, identified once for each connection and policy; whether its process is still the same
   * is asked through `check` at each step of a request. Throws as `identify`.
   */
  async caller(call: Call<Peer>, policy: Policy): Promise<Caller> {
    const session = this.#of(call);
    if (session.caller?.policy === policy.sha256) return session.caller;
    const workload = await identify(call.peer, policy.workloads, this.#digests);
    session.caller = {
      workload,
      policy: policy.sha256,
      peer: session.peer,
      possessed: session.possessed,
      check: () => call.peer.check(),
      alive: () => call.peer.alive(),
    };
    return session.caller;
  }

  /**
   * The same for what signs nothing: throws WORKLOAD_CHANGED too when the process has gone since it was identified. A
   * signature asks by itself at its decision, and records who asked.
   */
  async living(call: Call<Peer>, policy: Policy): Promise<Caller> {
    const caller = await this.caller(call, policy);
    const gone = caller.check();
    if (gone !== null) throw gone;
    return caller;
  }

  /** Base64 of this connection's nonce, good for one proof. */
  nonce(call: Call<Peer>): string {
    return this.#of(call).nonce.toString('base64');
  }

  /**
   * Records that the connection holds a key: the signature is over domain, origin (UTF-8) and the 32 nonce bytes,
   * so it is good on this connection of this signer only. Throws POSSESSION_REQUIRED when it does not verify, OVERLOADED
   * when the connection has proved as many others as it may: each is kept as long as it lives.
   */
  prove(call: Call<Peer>, origin: string, publicKey: string, signature: string): void {
    const session = this.#of(call);
    if (session.possessed.size >= MAX_POSSESSED && !session.possessed.has(publicKey)) {
      throw new ChanceryError(
        'OVERLOADED',
        `this connection has proved possession of ${String(MAX_POSSESSED)} keys`,
        { hint: 'open another connection for other keys' },
      );
    }
    const key = decodeBase58(publicKey);
    const message = possessionMessage(origin, session.nonce);
    const blob = decodeBase58(signature);
    session.nonce = randomBytes(NONCE_BYTES);
    if (key === null || blob === null || !verifyOnce(key, message, blob)) {
      throw new ChanceryError('POSSESSION_REQUIRED', 'the possession signature does not verify', {
        hint: `sign "${POSSESSION_DOMAIN}", the origin and the 32 nonce bytes of getChallenge on this connection`,
      });
    }
    session.possessed.add(publicKey);
  }
}
