import { expect, it } from 'vitest';
import { recordedPath } from '../../../src/identity/recorded-path.js';

const bytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

it('a path as long as anybody has is recorded as it is', () => {
  const path = `/opt/${'a'.repeat(1019)}`;
  expect(recordedPath(path)).toBe(path);
  expect(recordedPath('')).toBe('');
});

it.each([
  ['letters', `/${'a'.repeat(4000)}`, 1 + 1020],
  ['control characters, six bytes each', `/${'\u0001'.repeat(4000)}`, 1 + 170],
  ['characters outside the first plane', `/${'😀'.repeat(1000)}`, 1 + 255],
])('a longer one is cut to whole characters: %s', (_, path, characters) => {
  const recorded = recordedPath(path);
  expect(path.startsWith(recorded.slice(0, -1))).toBe(true);
  expect(recorded.endsWith('…')).toBe(true);
  expect(Array.from(recorded)).toHaveLength(characters + 1);
  expect(bytes(recorded)).toBeLessThanOrEqual(1026);
});
