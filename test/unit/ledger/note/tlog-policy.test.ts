import { describe, expect, it } from 'vitest';
import { pubkeyBytes, parseAddress } from '../../../../src/core/pubkey.js';
import { noteKey, type NoteKey } from '../../../../src/ledger/note/key.js';
import { formatVkey } from '../../../support/format-vkey.js';
import { parseTlogPolicy, quorumTime, type TlogPolicy } from '../../../../src/ledger/note/tlog-policy.js';
import { addressOf } from '../../../support/policy-text.js';

const keyOf = (
  name: string,
  algorithm: 'ed25519' | 'cosignature/v1' = 'cosignature/v1',
  as = name,
): NoteKey => noteKey(`w.test/${as}`, algorithm, pubkeyBytes(parseAddress(addressOf(name))!))!;
const line = (name: string): string => `witness ${name} ${formatVkey(keyOf(name))}`;

function policy(text: string): TlogPolicy {
  const parsed = parseTlogPolicy(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

/** Seconds at which each named witness cosigned. */
function timesOf({ witnesses }: TlogPolicy, times: Readonly<Record<string, number>>): Map<NoteKey, number> {
  return new Map(
    witnesses.flatMap(({ name, key }) => (times[name] === undefined ? [] : [[key, times[name]]])),
  );
}

// The two levels of groups of the example in the specification.
const TWO_LEVELS = [
  `# comment`,
  `log ${formatVkey(keyOf('log', 'ed25519'))} https://log.test/`,
  ...['X1', 'X2', 'X3'].map(line),
  'group X-witnesses 2 X1 X2 X3',
  '',
  ...['Y1', 'Y2', 'Y3'].map((name) => `\t${line(name)}  https://${name}.test/w `),
  'group Y-witnesses any Y1 Y2 Y3',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
  '',
].join('\n');

describe('tlog-policy', () => {
  it('reads logs, witnesses with URLs, and groups of groups', () => {
    const parsed = policy(TWO_LEVELS);
    expect(parsed.logs).toHaveLength(1);
    expect(parsed.witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['X1', null],
      ['X2', null],
      ['X3', null],
      ['Y1', 'https://Y1.test/w'],
      ['Y2', 'https://Y2.test/w'],
      ['Y3', 'https://Y3.test/w'],
    ]);
  });

  it.each([
    [{ X1: 1, X2: 1, Y3: 1 }, 1],
    [{ X1: 5, X2: 9, X3: 7, Y1: 3 }, 3],
    [{ X1: 5, X2: 9, X3: 7, Y1: 8 }, 7],
    [{ X1: 1, X2: 1, X3: 1 }, null],
    [{ X1: 1, Y1: 1, Y2: 1, Y3: 1 }, null],
    [{}, null],
  ])('%j reaches the quorum at %j', (times: Readonly<Record<string, number>>, when) => {
    const parsed = policy(TWO_LEVELS);
    expect(quorumTime(parsed, timesOf(parsed, times))).toBe(when);
  });

  it('quorum none is reached by nobody', () => {
    const parsed = policy(`${line('X1')}\nquorum none`);
    expect(quorumTime(parsed, timesOf(parsed, { X1: 1 }))).toBeNull();
  });

  it.each([
    ['no quorum', line('X1'), /no quorum/],
    ['two quorums', `${line('X1')}\nquorum X1\nquorum X1`, /line 3: a second quorum/],
    ['a quorum of nobody', 'quorum X1', /not defined/],
    [
      'a witness under two names',
      `${line('X1')}\nwitness twin ${formatVkey(keyOf('X1', 'cosignature/v1', 'other'))}\nquorum X1`,
      /line 2: this key is that of another witness/,
    ],
    [
      'a log key as a witness',
      `witness X1 ${formatVkey(keyOf('X1', 'ed25519'))}\nquorum X1`,
      /cosignature\/v1/,
    ],
    ['a witness key as a log', `log ${formatVkey(keyOf('X1'))}\nquorum none`, /Ed25519/],
    ['a name twice', `${line('X1')}\ngroup X1 any X1\nquorum X1`, /taken/],
    ['the name none', `witness none ${formatVkey(keyOf('X1'))}\nquorum none`, /taken/],
    ['a member defined later', `group g any X1\n${line('X1')}\nquorum g`, /line 1: a member is not defined/],
    [
      'a member of two groups',
      `${line('X1')}\ngroup g any X1\ngroup h any X1\nquorum g`,
      /in a group already/,
    ],
    ['a threshold of 0', `${line('X1')}\ngroup g 0 X1\nquorum g`, /threshold/],
    ['a threshold above the members', `${line('X1')}\ngroup g 2 X1\nquorum g`, /threshold/],
    ['a group of nobody', `${line('X1')}\ngroup g any\nquorum X1`, /expected group/],
    ['an unknown word', 'witnesses X1', /is none of/],
    ['a carriage return', `${line('X1')}\r\nquorum X1`, /control characters/],
  ])('refuses %s', (_what, text, why) => {
    expect(parseTlogPolicy(text)).toMatch(why);
  });
});
