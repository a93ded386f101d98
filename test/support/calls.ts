import type { Peer } from '../../src/identity/peer.js';
import type { Call } from '../../src/transport/call.js';

/** A process of this uid that lives, and that nobody has to look up. */
export function livingPeer(uid: number): Peer {
  return {
    facts: { pid: 1, uid, gid: uid, supplementaryGids: [], exe: '/opt/agent' },
    uid,
    executable: null,
    check: () => null,
    alive: () => null,
    close: () => undefined,
  };
}

/** A call on a WebSocket of its own. */
export function callOf(peer: Peer, changes: Partial<Call<Peer>> = {}): Call<Peer> {
  return {
    method: 'authenticate',
    params: {},
    peer,
    connection: { id: '1', kind: 'websocket', signal: new AbortController().signal, notify: () => true },
    requestId: '0',
    refused: () => undefined,
    ...changes,
  };
}
