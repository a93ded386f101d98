import type { Power } from '../config/schema.js';
import { ChanceryError } from '../core/errors.js';
import type { Peer } from '../identity/peer.js';
import type { AdminMethods } from '../protocol/admin-methods.js';
import type { Request } from '../protocol/dispatch.js';
import type { Call } from '../transport/call.js';

/** The power each command of the admin socket needs. */
const NEEDED: Readonly<Record<keyof AdminMethods, Power>> = {
  getStatus: 'read',
  listAttestations: 'read',
  listPending: 'read',
  subscribe: 'read',
  freeze: 'narrow',
  revokeAttestation: 'narrow',
  revokeWorkload: 'narrow',
  submitStatement: 'submit',
  createChallenge: 'submit',
  keyGenerate: 'ceremony',
  keyImport: 'ceremony',
  keyAttest: 'ceremony',
  unlock: 'ceremony',
};

type Dispatch = (request: Request<Call<Peer>>) => Promise<unknown>;

/**
 * Lets each uid do what chancery.yaml says; with no `operators` there, whoever the socket's mode lets in. Refuses
 * with UNKNOWN_METHOD, as if the command were not there.
 */
export function forOperators(
  operators: ReadonlyMap<number, ReadonlySet<Power>> | null,
  dispatch: Dispatch,
): Dispatch {
  if (operators === null) return dispatch;
  const needed: ReadonlyMap<string, Power> = new Map(Object.entries(NEEDED));
  return async (request) => {
    const power = needed.get(request.method);
    const { uid } = request.context.peer;
    if (power !== undefined && operators.get(uid)?.has(power) !== true) {
      throw new ChanceryError('UNKNOWN_METHOD', `uid ${String(uid)} may not use ${request.method} here`, {
        hint: `an operator with the power "${power}" may; chancery.yaml lists them under operators`,
      });
    }
    return dispatch(request);
  };
}
