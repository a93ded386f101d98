import { expect, it } from 'vitest';
import { enrolledText } from '../../../src/cli/keys/enrolled-text.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { addressOf, ledgerKeyText, policyBytes, walletText } from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';

const told = (label: string): string =>
  enrolledText(
    'generated',
    {
      label,
      publicKey: addressOf('new'),
      objectId: '01',
      token: 'main',
      entry: { sequence: '4', hash: '0'.repeat(64) },
    },
    'chancery.yaml',
  );

const policyWith = (text: string): Buffer => {
  const lines = text.slice(text.indexOf('  - id:'));
  const policy = policyBytes({ keys: [walletText(), ledgerKeyText()] }).toString();
  return Buffer.from(policy.replace(/^keys:\n/m, `keys:\n${lines}\n`));
};

it('what is to be written into the policy holds there, as it is printed', () => {
  expect([...parsePolicy(policyWith(told('trading-2'))).keys.keys()]).toContain('trading-2');
});

it('a label that can be no id asks for one, instead of giving a line that the policy refuses', () => {
  const text = told('hot wallet: 2');
  expect(thrown(() => parsePolicy(policyWith(text.replace('- id: NAME', '- id: hot wallet: 2')))).code).toBe(
    'POLICY_INVALID',
  );
  const key = parsePolicy(policyWith(text.replace('NAME', 'trading-2'))).keys.get('trading-2');
  expect(key?.object.label).toBe('hot wallet: 2');
});
