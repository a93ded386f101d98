import { expect, it } from 'vitest';
import { buildPayload } from '../../../src/sovereign/build-payload.js';
import { ATTESTATION } from '../../support/statements.js';
import { thrown } from '../../support/thrown.js';

it.each([
  'spiffe://dev.chancery.local',
  'spiffe://dev.chancery.local/',
  'spiffe://dev.chancery.local//agent',
  'spiffe://dev.chancery.local/a/../agent',
  'spiffe://Dev.chancery.local/agent',
  'spiffe://dev.chancery.local/%61gent',
  'https://dev.chancery.local/agent',
  `spiffe://dev.chancery.local/${'a'.repeat(2048)}`,
])('no attestation is for %j, which is no SPIFFE ID of a workload', (workload) => {
  const error = thrown(() => buildPayload('attestation', { ...ATTESTATION, workload }));
  expect(error.code).toBe('MALFORMED_STATEMENT');
  expect(error.message).toMatch(/workload.*expected a SPIFFE ID/);
});
