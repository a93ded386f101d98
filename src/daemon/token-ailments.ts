import type { Token } from '../hsm/token.js';
import type { Ailment } from '../operations/health.js';

/** Tokens that cannot sign now. Signing has stopped when none can. */
export function tokenAilments(
  tokens: readonly Pick<Token, 'name' | 'state' | 'trouble'>[],
): readonly Ailment[] {
  const ailing = tokens.filter(({ state }) => state !== 'ready');
  return ailing.map(({ name, state, trouble }) => ({
    component: 'token',
    code: 'HSM_UNAVAILABLE',
    message: `token ${name} is ${state}${trouble === null ? '' : `: ${trouble}`}`,
    stopsSigning: ailing.length === tokens.length,
  }));
}
