import { describe, expect, it } from 'vitest';
import { parseSpiffeId } from '../../../src/core/spiffe-id.js';

describe('parseSpiffeId', () => {
  it.each([
    'spiffe://dev.chancery.local/agent',
    'spiffe://hedronite.local/trading/solana-trader',
    'spiffe://td/A.b_c-9',
    'spiffe://trust_domain/...',
    `spiffe://${'a'.repeat(255)}/x`,
  ])('reads %s as it stands', (id) => {
    expect(parseSpiffeId(id)).toBe(id);
  });

  it.each([
    ['no workload', 'spiffe://td'],
    ['a slash at the end', 'spiffe://td/a/'],
    ['no path', 'spiffe://td/'],
    ['an empty segment', 'spiffe://td//a'],
    ['a dot segment', 'spiffe://td/./a'],
    ['a parent segment', 'spiffe://td/a/../b'],
    ['upper case in the scheme', 'SPIFFE://td/a'],
    ['upper case in the trust domain', 'spiffe://Td/a'],
    ['no trust domain', 'spiffe:///a'],
    ['a port', 'spiffe://td:80/a'],
    ['userinfo', 'spiffe://me@td/a'],
    ['a query', 'spiffe://td/a?b'],
    ['a fragment', 'spiffe://td/a#b'],
    ['percent-encoding', 'spiffe://td/%61'],
    ['a space', 'spiffe://td/a b'],
    ['a Cyrillic letter that looks Latin', 'spiffe://td/\u0430gent'],
    ['a full-width letter', 'spiffe://td/\uff41'],
    ['a line break after it', 'spiffe://td/a\n'],
    ['a space before it', ' spiffe://td/a'],
    ['a trust domain of 256 bytes', `spiffe://${'a'.repeat(256)}/x`],
    ['more than 2048 bytes', `spiffe://td/${'a'.repeat(2048)}`],
    ['another scheme', 'https://td/a'],
    ['nothing', ''],
  ])('refuses %s', (_what, text) => {
    expect(parseSpiffeId(text)).toBeNull();
  });
});
