import { describe, expect, it } from 'vitest';
import { policyPayload } from '../../../src/ceremony/policy-payload.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { NOON } from '../../support/policy-state.js';
import { policyBytes, policyObject } from '../../support/policy-text.js';

function policyOf(serial: number, epoch: number): Policy {
  const { sovereign } = policyObject();
  return parsePolicy(policyBytes({ serial, sovereign: { ...(sovereign as object), epoch } }));
}

describe('what authorities sign for a policy', () => {
  it('is refused when it would be refused later: a serial that stays, an epoch that goes back', () => {
    const inForce = policyOf(2, 2);
    const ask = (next: Policy) => () => policyPayload(next, inForce, NOON);
    expect(ask(policyOf(2, 2))).toThrow('serial: 2 is not above 2');
    expect(ask(policyOf(3, 1))).toThrow('sovereign.epoch: 1 is below 2');
    expect(ask(policyOf(3, 3))).not.toThrow();
  });
});
