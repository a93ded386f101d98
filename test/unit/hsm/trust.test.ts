import { describe, expect, it } from 'vitest';
import type { KeyCheck, Waiver } from '../../../src/core/key-checks.js';
import { judgeKey } from '../../../src/hsm/pkcs11/trust.js';
import { FALSE, SOUND_KEY, TRUE, ulong, type Attributes } from '../../support/hsm/key-attributes.js';

/** A key as SoftHSM makes it from the strict template. */
const GOOD: Attributes = {
  ...SOUND_KEY,
  0x105: FALSE,
  0x107: FALSE,
  0x10c: FALSE,
  0x109: FALSE,
  0x202: FALSE,
};

function failed(changes: Record<number, Buffer | null>, waivers: readonly Waiver[] = []): KeyCheck[] {
  const attributes = { ...GOOD, ...changes };
  return judgeKey((type) => attributes[type] ?? null, 0x1055, waivers)
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ check }) => check);
}

describe('trust checks', () => {
  it('pass for a key made on the token from the strict template', () => {
    expect(failed({})).toEqual([]);
  });

  it.each<[KeyCheck, number, Buffer]>([
    ['class', 0x0, ulong(2)],
    ['key-type', 0x100, ulong(3)],
    ['on-token', 0x1, FALSE],
    ['private', 0x2, FALSE],
    ['sensitive', 0x103, FALSE],
    ['not-extractable', 0x162, TRUE],
    ['always-sensitive', 0x165, FALSE],
    ['never-extractable', 0x164, FALSE],
    ['local', 0x163, FALSE],
    ['generated-on-token', 0x166, ulong(0x1040)],
    ['can-sign', 0x108, FALSE],
    ['cannot-decrypt', 0x105, TRUE],
    ['cannot-unwrap', 0x107, TRUE],
    ['cannot-derive', 0x10c, TRUE],
    ['cannot-sign-recover', 0x109, TRUE],
    ['no-pin-per-use', 0x202, TRUE],
  ])('%s is checked, can be waived by its name, and by no other', (check, attribute, value) => {
    expect(failed({ [attribute]: value })).toEqual([check]);
    expect(failed({ [attribute]: value }, [check])).toEqual([]);
    expect(failed({ [attribute]: value }, [check === 'local' ? 'private' : 'local'])).toEqual([check]);
  });

  it('a key is made on the token by the mechanism of that token, and by no other', () => {
    const luna = 0x80000c01;
    const made = (mechanism: number) =>
      judgeKey((type) => ({ ...GOOD, 0x166: ulong(mechanism) })[type] ?? null, luna, []).find(
        ({ check }) => check === 'generated-on-token',
      )?.verdict;
    expect(made(luna)).toBe('pass');
    expect(made(0x1055)).toBe('fail');
  });

  it('an attribute the token does not know cannot prove anything, and grants nothing', () => {
    const none = Object.fromEntries(Object.keys(GOOD).map((type) => [type, null]));
    expect(failed(none)).toEqual([
      'class',
      'key-type',
      'on-token',
      'private',
      'sensitive',
      'not-extractable',
      'always-sensitive',
      'never-extractable',
      'local',
      'generated-on-token',
      'can-sign',
    ]);
  });

  it('a malformed value is a failure, also where absence is not', () => {
    const short = judgeKey((type) => (type === 0x100 ? Buffer.alloc(3) : (GOOD[type] ?? null)), 0x1055, []);
    expect(short.find(({ check }) => check === 'key-type')?.actual).toBe('malformed');
    expect(failed({ 0x105: Buffer.from([2]), 0x103: Buffer.from([1, 1]), 0x100: Buffer.alloc(3) })).toEqual([
      'key-type',
      'sensitive',
      'cannot-decrypt',
    ]);
  });

  it('`imported` waives what an imported key can never pass, and nothing else', () => {
    const imported = { 0x163: FALSE, 0x164: FALSE, 0x165: FALSE, 0x166: Buffer.alloc(8, 0xff) };
    expect(failed(imported)).toEqual([
      'always-sensitive',
      'never-extractable',
      'local',
      'generated-on-token',
    ]);
    expect(failed(imported, ['imported'])).toEqual([]);
    expect(failed({ ...imported, 0x162: TRUE }, ['imported'])).toEqual(['not-extractable']);
  });

  it('what is waived stays visible', () => {
    const attributes: Record<number, Buffer | null> = { ...GOOD, 0x163: FALSE };
    const finding = judgeKey((type) => attributes[type] ?? null, 0x1055, ['local']).find(
      ({ check }) => check === 'local',
    );
    expect(finding).toEqual({ check: 'local', verdict: 'waived', expected: 'true', actual: 'false' });
  });
});
