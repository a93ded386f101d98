/** What an operator should hear of; nothing here is needed for correctness. */
export type LedgerEvent =
  /** A torn last write was cut at start; `sha256` names its bytes in blobs/. */
  | { readonly type: 'repaired'; readonly sequence: number; readonly bytes: number; readonly sha256: string }
  /** Authorizations whose outcome a crash left open. */
  | { readonly type: 'recovered'; readonly authorizations: readonly number[] }
  /** The start folded only what follows this snapshot. */
  | { readonly type: 'restored'; readonly size: number; readonly sha256: string }
  /** A snapshot was not used: the start folded more than it had to. */
  | { readonly type: 'snapshot_ignored'; readonly name: string; readonly reason: string }
  /** Nothing can be written any more in this process. */
  | { readonly type: 'unavailable'; readonly reason: string; readonly error: unknown }
  /** A request was refused because the disk is full. */
  | { readonly type: 'full'; readonly reason: string };
