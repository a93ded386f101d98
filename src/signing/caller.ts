import type { ChanceryError } from '../core/errors.js';
import type { PeerRecord } from '../ledger/entries.js';

/** A workload at the other end of a connection, identified under one policy. */
export interface Caller {
  /** SPIFFE ID. */
  readonly workload: string;
  /** Digest of the policy whose registrations named it. */
  readonly policy: string;
  readonly peer: PeerRecord;
  /** Base58 keys whose possession was proved on this connection. */
  readonly possessed: ReadonlySet<string>;
  /**
   * Null while the process that connected is alive and runs the same executable, else WORKLOAD_CHANGED. Asked at the
   * decision.
   */
  check(): ChanceryError | null;
  /**
   * The same without the executable, which costs a walk through /proc: asked before dispatch and before the reply.
   */
  alive(): ChanceryError | null;
}
