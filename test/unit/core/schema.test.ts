import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { ChanceryError, isWireCode, refusal, WIRE_CODES, LOCAL_CODES } from '../../../src/core/errors.js';
import { nearest } from '../../../src/core/nearest.js';
import { issueSentence, quote, strictObject } from '../../../src/core/schema.js';

describe('the nearest word', () => {
  const known = ['publicKey', 'workloads', 'limits', 'fee'];
  it.each([
    ['publickey', 'publicKey'],
    ['workload', 'workloads'],
    ['limit', 'limits'],
    ['limist', 'limits'],
    ['feee', 'fee'],
  ])('to %s is %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });
  it('is none for a stranger, and for a very long word', () => {
    expect(nearest('banana', known)).toBeNull();
    expect(nearest('x'.repeat(100_000), known)).toBeNull();
  });
});

describe('strict objects', () => {
  const schema = strictObject({ limit: z.string(), inner: strictObject({ window: z.int() }).optional() });
  const sentence = (value: unknown): string => {
    const { error } = schema.safeParse(value);
    return error === undefined ? 'accepted' : issueSentence(error);
  };

  it.each<[unknown, string]>([
    [{ limit: 'x' }, 'accepted'],
    [{ limit: 'x', limits: 1 }, 'unknown key "limits" (did you mean limit?)'],
    [{ limit: 'x', banana: 1 }, 'unknown key "banana" (known: limit, inner)'],
    [{ limit: 'x', a: 1, b: 1 }, 'unknown key "a" and 1 more (known: limit, inner)'],
    [{ limit: 'x', inner: { windw: 1, window: 1 } }, 'inner: unknown key "windw" (did you mean window?)'],
    [{ limit: 1 }, 'limit: expected string, received number'],
    [{ inner: {} }, 'limit: is missing; inner.window: is missing'],
    [{ limit: 'x', inner: { window: 1.5 } }, 'inner.window: expected int, received number'],
    [null, 'expected a map with limit, inner'],
  ])('%j: %s', (value, expected) => {
    expect(sentence(value)).toBe(expected);
  });

  it('of no keys, as the params of listKeys, says that there are none', () => {
    const { error } = strictObject({}).safeParse({ a: 1 });
    expect(error && issueSentence(error)).toBe('unknown key "a" (none is known)');
  });

  it('quotes, escapes and cuts the words of others', () => {
    expect(quote('a\u001b[2J\n')).toBe('"a\\u001b[2J\\n"');
    expect(quote('x'.repeat(1000)).length).toBeLessThan(80);
  });

  it('says at most three things', () => {
    const many = z.array(z.string()).safeParse([1, 2, 3, 4, 5]);
    expect(issueSentence(many.error!)).toBe(
      '[0]: expected string, received number; [1]: expected string, received number; [2]: expected string, received number; and 2 more',
    );
  });
});

describe('errors', () => {
  it('codes are distinct, and wire codes know themselves', () => {
    const all = [...WIRE_CODES, ...LOCAL_CODES];
    expect(new Set(all).size).toBe(all.length);
    expect(isWireCode('SPEND_LIMIT_EXCEEDED')).toBe(true);
    expect(isWireCode('TIMEOUT')).toBe(false);
    expect(isWireCode('constructor')).toBe(false);
  });

  it('a refusal has the code of its first failure and all their sentences', () => {
    const error = refusal([
      { code: 'SPEND_LIMIT_EXCEEDED', message: 'one' },
      { code: 'RATE_LIMITED', message: 'two' },
    ]);
    expect(error).toBeInstanceOf(ChanceryError);
    expect(error.code).toBe('SPEND_LIMIT_EXCEEDED');
    expect(error.message).toBe('one; two');
    expect(error.failures).toHaveLength(2);
  });
});
