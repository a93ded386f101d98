import { describe, expect, it } from 'vitest';
import { formatSelector, parseSelector } from '../../../src/identity/selector.js';

describe('parseSelector', () => {
  it.each([
    ['unix:uid:0', { kind: 'unix:uid', value: 0 }],
    ['unix:uid:4294967294', { kind: 'unix:uid', value: 4_294_967_294 }],
    ['unix:gid:1001', { kind: 'unix:gid', value: 1001 }],
    ['unix:user:trader', { kind: 'unix:user', value: 'trader' }],
    ['unix:group:desk_1', { kind: 'unix:group', value: 'desk_1' }],
    ['unix:supplementary_gid:27', { kind: 'unix:supplementary_gid', value: 27 }],
    ['unix:supplementary_group:audit', { kind: 'unix:supplementary_group', value: 'audit' }],
    ['unix:path:/opt/my trader/bin:x', { kind: 'unix:path', value: '/opt/my trader/bin:x' }],
    [`unix:sha256:${'0a'.repeat(32)}`, { kind: 'unix:sha256', value: '0a'.repeat(32) }],
  ])('reads %s', (text, selector) => {
    expect(parseSelector(text)).toEqual(selector);
    expect(formatSelector(parseSelector(text)!)).toBe(text);
  });

  it.each([
    '',
    'unix',
    'unix:uid',
    'unix:uid:',
    'unix:uid:01',
    'unix:uid:-1',
    'unix:uid:1.5',
    'unix:uid:1e3',
    'unix:uid: 1',
    'unix:uid:4294967295',
    'unix:uid:99999999999',
    'unix:user:',
    'unix:user:tr\u0430der',
    'unix:user:a b',
    'unix:path:bin/trader',
    'unix:path:/opt/../bin/sh',
    'unix:path:/opt//trader',
    'unix:path:/opt/trader/',
    'unix:path:/opt/./trader',
    'unix:path:/opt/trader (deleted)',
    'unix:path:/opt/tr\u0000ader',
    `unix:sha256:${'0A'.repeat(32)}`,
    `unix:sha256:${'0a'.repeat(31)}`,
    'UNIX:uid:1',
    'docker:image:x',
    'unix:pid:1',
  ])('refuses %j', (text) => {
    expect(parseSelector(text)).toBeNull();
  });
});
