import type { Token } from '../hsm/token.js';
import type { Ailment } from '../operations/health.js';
import type { KeyPolicy } from '../policy/policy.js';

/** Tokens that cannot sign now. Signing has stopped when every usable key lies on one of them. */
export function tokenAilments(
  tokens: readonly Pick<Token, 'name' | 'state' | 'trouble'>[],
  usable: readonly Pick<KeyPolicy, 'token'>[],
): readonly Ailment[] {
  const ailing = tokens.filter(({ state }) => state !== 'ready');
  const away = new Set(ailing.map(({ name }) => name));
  const stopsSigning = usable.every(({ token }) => away.has(token));
  return ailing.map(({ name, state, trouble }) => ({
    component: 'token',
    code: 'HSM_UNAVAILABLE',
    message: `token ${name} is ${state}${trouble === null ? '' : `: ${trouble}`}`,
    stopsSigning,
  }));
}
