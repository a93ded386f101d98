import { originName, originOf } from '../../core/origin.js';
import { pubkeyBytes } from '../../core/pubkey.js';
import type { Policy } from '../policy.js';
import { change } from './change.js';

/**
 * The ledger's key is that of its genesis, of which the signer's name is made. A policy may name another all the same,
 * and it stands in no other line what that takes away: the evidence, and with an anchor all signing once the lag is over.
 */
export function ledgerKeyChanges(before: Policy, after: Policy): string[] {
  if (before.signer !== after.signer || !signsCheckpoints(before) || signsCheckpoints(after)) return [];
  const stops = after.anchors.length === 0 ? '' : ', and signing stops when the anchors have not followed';
  return [
    change('widens', `no checkpoint is signed any more${stops}: the ledger key is not that of the genesis`),
  ];
}

function signsCheckpoints({ signer, keys }: Policy): boolean {
  const name = originName(signer);
  if (name === null) return false;
  return [...keys.values()].some(
    ({ role, publicKey }) => role === 'ledger' && originOf(name, pubkeyBytes(publicKey)) === signer,
  );
}
