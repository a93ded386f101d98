import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LOCAL_CODES, WIRE_CODES } from '../../../src/core/errors.js';
import { ADMIN_METHODS } from '../../../src/protocol/admin-methods.js';
import { RPC_NUMBERS } from '../../../src/protocol/codes.js';
import { errorGuideText } from '../../../src/protocol/error-guide-text.js';
import { openRpcText } from '../../../src/protocol/openrpc.js';
import { SIGNER_METHODS } from '../../../src/protocol/signer-methods.js';

const document = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

describe('generated documents are current (scripts/write-protocol-documents.mjs writes them)', () => {
  it('docs/openrpc.json', () => {
    expect(document('openrpc.json')).toBe(openRpcText());
  });

  it('docs/errors.md, with every code', () => {
    expect(document('errors.md')).toBe(errorGuideText());
    for (const code of [...WIRE_CODES, ...LOCAL_CODES])
      expect(document('errors.md')).toContain(`### ${code}\n`);
  });

  it('docs/protocol.md names every method and every version it speaks of', () => {
    const text = document('protocol.md');
    for (const name of [...Object.keys(SIGNER_METHODS), ...Object.keys(ADMIN_METHODS)]) {
      expect(text).toContain(`\`${name}`);
    }
  });
});

describe('numbers', () => {
  it('are one for each code, outside what JSON-RPC reserves unless they are its own', () => {
    const numbers = Object.values(RPC_NUMBERS);
    expect(new Set(numbers).size).toBe(WIRE_CODES.length);
    const own: readonly number[] = [-32_600, -32_601, -32_603];
    for (const number of numbers) expect(number > 0 || own.includes(number)).toBe(true);
  });
});
