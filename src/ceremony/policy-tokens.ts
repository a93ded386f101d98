import { pubkeyBytes } from '../core/pubkey.js';
import type { TokenKey } from '../hsm/token-options.js';
import type { Policy } from '../policy/policy.js';

/** The keys a policy names on one of its tokens, as the token must hold them. */
export function keysOn(policy: Policy, token: string): readonly TokenKey[] {
  return [...policy.keys.values()]
    .filter((key) => key.token === token)
    .map(({ id, object, publicKey }) => ({
      id,
      label: object.label,
      ...(object.id === undefined ? {} : { objectId: object.id }),
      publicKey: pubkeyBytes(publicKey),
      waivers: object.waivers,
    }));
}

/** What a policy demands of its tokens, as text in a fixed order: the same text can be met by what met it before. */
export function tokenDemands(policy: Policy): string {
  const pins = [...policy.tokens.values()].map((pin) => JSON.stringify(pin)).sort();
  const keys = [...policy.keys.values()]
    .map(({ id, token, object, address }) => JSON.stringify([id, token, object, address]))
    .sort();
  return [...pins, ...keys].join('\n');
}
