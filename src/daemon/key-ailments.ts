import type { State } from '../ledger/state.js';
import type { Ailment } from '../operations/health.js';
import type { KeyPolicy } from '../policy/policy.js';

/** Why a key signs nothing, whatever is asked: the worst of what holds. */
export function keyState(
  state: Pick<State, 'retired' | 'latched' | 'frozen'>,
  address: string,
): 'usable' | 'frozen' | 'retired' | 'latched' {
  if (state.retired(address)) return 'retired';
  if (state.latched(address)) return 'latched';
  return state.frozen(address) === null ? 'usable' : 'frozen';
}

/** Those that would sign for a caller, if their token does. */
export function usableKeys<Key extends Pick<KeyPolicy, 'address' | 'role'>>(
  keys: Iterable<Key>,
  state: Pick<State, 'retired' | 'latched' | 'frozen'>,
): readonly Key[] {
  return [...keys].filter(({ address, role }) => role !== 'ledger' && keyState(state, address) === 'usable');
}

/**
 * Freezes, and keys that made a faulty signature. A key that the policy no longer names signs nothing anyway: its
 * freeze is kept, and ails nobody, or a key that was frozen and dropped would be told of for ever. Signing has stopped
 * when no key is left, by one freeze or by many; the ledger key, which signs for nobody who asks, is none of them.
 */
export function keyAilments(
  keys: Iterable<Pick<KeyPolicy, 'id' | 'address' | 'role'>>,
  state: Pick<State, 'retired' | 'latched' | 'frozen' | 'freezes'>,
): readonly Ailment[] {
  const all = [...keys];
  const stopsSigning = usableKeys(all, state).length === 0;
  const ids = new Map(all.map(({ id, address }) => [address, id]));
  const frozen = state.freezes().flatMap(({ publicKey, reason }): Ailment[] => {
    const id = publicKey === null ? null : ids.get(publicKey);
    if (id === undefined) return [];
    const message = `${id === null ? 'every key' : `key ${id}`} is frozen: ${JSON.stringify(reason)}`;
    return [{ component: 'freeze', code: 'KEY_FROZEN', message, stopsSigning }];
  });
  const latched = all
    .filter(({ address }) => state.latched(address))
    .map(({ id }): Ailment => {
      const message = `key ${id} is latched after a faulty signature: check the token`;
      return { component: 'key', code: 'HSM_UNAVAILABLE', message, stopsSigning };
    });
  return [...frozen, ...latched];
}
