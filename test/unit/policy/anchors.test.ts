import { describe, expect, it } from 'vitest';
import { parseAddress, pubkeyBytes } from '../../../src/core/pubkey.js';
import { noteKey } from '../../../src/ledger/note/key.js';
import { formatVkey } from '../../support/format-vkey.js';
import { diffPolicies } from '../../../src/policy/diff-policies.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { addressOf, policyBytes, type Yaml } from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';

const WITNESS = noteKey('w.test/w1', 'cosignature/v1', pubkeyBytes(parseAddress(addressOf('w1'))!))!;
const WITNESSES = `witness w1 ${formatVkey(WITNESS)} https://w.test/\nquorum w1\n`;

const withAnchors = (...anchors: Yaml[]): Policy => parsePolicy(policyBytes({ anchors }));
const fault = (anchor: Yaml): string => {
  const error = thrown(() => withAnchors(anchor));
  expect(error.code).toBe('POLICY_INVALID');
  return error.message;
};

describe('anchors of a policy', () => {
  it('are none unless the policy says so', () => {
    expect(parsePolicy(policyBytes()).anchors).toEqual([]);
  });

  it('are files, tokens and witnesses, each with its lag', () => {
    const { anchors } = withAnchors(
      { kind: 'file', path: '/mnt/anchor/checkpoint' },
      { kind: 'token', token: 'main', lag: '5m' },
      { kind: 'witness', witnesses: WITNESSES, lag: '1d' },
    );
    expect(anchors).toEqual([
      { kind: 'file', path: '/mnt/anchor/checkpoint', lag: 3_600_000 },
      { kind: 'token', token: 'main', lag: 300_000 },
      { kind: 'witness', witnesses: WITNESSES, lag: 86_400_000 },
    ]);
  });

  it.each<[string, Yaml, RegExp]>([
    ['an unknown kind', { kind: 'cloud' }, /expected one of file, token, witness/],
    ['a relative path', { kind: 'file', path: 'checkpoint' }, /expected an absolute path/],
    ['a path in two spellings', { kind: 'file', path: '/mnt/../etc/checkpoint' }, /not in its shortest form/],
    ['a file without a path', { kind: 'file' }, /expected path/],
    ['a token that is not declared', { kind: 'token', token: 'other' }, /no token other is declared/],
    [
      'a field of another kind',
      { kind: 'token', token: 'main', path: '/a' },
      /means nothing for an anchor of kind token/,
    ],
    [
      'a broken tlog-policy',
      { kind: 'witness', witnesses: 'quorum w1' },
      /line 1: the quorum is not defined/,
    ],
    ['a quorum of nobody', { kind: 'witness', witnesses: 'quorum none' }, /asks for no witness/],
    ['a lag of nothing', { kind: 'token', token: 'main', lag: '0s' }, /expected a duration/],
  ])('refuses %s', (_what, anchor, why) => {
    expect(fault(anchor)).toMatch(why);
  });

  it('refuses one anchor twice', () => {
    const error = thrown(() =>
      withAnchors({ kind: 'token', token: 'main' }, { kind: 'token', token: 'main', lag: '2h' }),
    );
    expect(error.message).toMatch(/the same anchor stands twice/);
  });

  it('that go, or may lag longer, widen; new ones narrow', () => {
    const token = (lag: string) => withAnchors({ kind: 'token', token: 'main', lag });
    expect(diffPolicies(token('1h'), withAnchors())).toEqual([
      'widens: the ledger is no longer anchored in token main',
    ]);
    expect(diffPolicies(token('1h'), token('2h'))).toEqual([
      'widens: the anchor token main: signing stops when it has not followed for 2h, before 1h',
    ]);
    expect(diffPolicies(withAnchors(), token('1h'))).toEqual([
      'narrows: the ledger is anchored in token main; signing stops when it has not followed for 1h',
    ]);
  });
});
