import { expect, it } from 'vitest';
import { requiredAnchors } from '../../../src/daemon/required-anchors.js';
import type { Token } from '../../../src/hsm/token.js';
import type { Policy } from '../../../src/policy/policy.js';
import { ledgerKey } from '../../support/checkpoint-rig.js';
import { MemoryDisk } from '../../support/ledger-disk.js';

const identityOf = (serial: string) => ({ manufacturer: 'm', model: 'x', label: 'l', serial });

function policyOf(sha256: string, serial: string): Policy {
  const tokens = new Map([['main', { name: 'main', ...identityOf(serial) }]]);
  return { sha256, tokens, anchors: [{ kind: 'token', token: 'main', lag: 1000 }] } as unknown as Policy;
}

it('another token under the same name is another anchor, and is not taken for the one still started', async () => {
  let inForce = policyOf('one', '1');
  let serial = '1';
  const named = (): Token =>
    ({ identity: identityOf(serial), readObjects: () => Promise.resolve([]) }) as unknown as Token;
  const required = requiredAnchors({
    files: new MemoryDisk(),
    directory: '/ledger',
    tokens: { named },
    key: ledgerKey(),
    inForce: () => inForce,
  });
  const [before] = required();
  expect(await before?.read()).toEqual([]);
  inForce = policyOf('two', '2');
  const [after] = required();
  expect(after?.id).not.toBe(before?.id);
  await expect(after?.read()).rejects.toMatchObject({ code: 'HSM_UNAVAILABLE' });
  serial = '2';
  expect(await after?.read()).toEqual([]);
});
