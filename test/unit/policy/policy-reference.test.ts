import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { policyReference } from '../../../scripts/policy-reference.js';
import { keySchema } from '../../../src/policy/key-schema.js';
import { REFUSALS } from '../../support/policy-refusals.js';

const FILE = fileURLToPath(new URL('../../../docs/policy.md', import.meta.url));

it('docs/policy.md is what the schema and the rules say now (npm run docs:policy writes it)', () => {
  const text = policyReference();
  if (process.env['WRITE_DOCS'] === '1') writeFileSync(FILE, text);
  expect(readFileSync(FILE, 'utf8')).toBe(text);
});

it('has an example and its refusal for every rule of a key', () => {
  const names = new Set(['id', 'token', 'object', 'publicKey', 'role']);
  const rules = Object.keys(keySchema.shape).filter((field) => !names.has(field));
  const shown = new Set(REFUSALS.flatMap(({ rules }) => Object.keys(rules)));
  expect(rules.filter((field) => !shown.has(field))).toEqual([]);
});
