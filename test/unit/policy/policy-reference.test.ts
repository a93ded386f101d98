import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { policyReference } from '../../../scripts/policy-reference.js';

const FILE = fileURLToPath(new URL('../../../docs/policy.md', import.meta.url));

it('docs/policy.md is what the schema and the rules say now (npm run docs:policy writes it)', () => {
  const text = policyReference();
  if (process.env['WRITE_DOCS'] === '1') writeFileSync(FILE, text);
  expect(readFileSync(FILE, 'utf8')).toBe(text);
});
