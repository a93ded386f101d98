import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, parseStrictJson } from '../../../src/core/strict-json.js';

function parse(text: string, depth?: number): unknown {
  return parseStrictJson(Buffer.from(text), depth);
}

describe('strict JSON', () => {
  it('gives what JSON.parse gives, for anything without duplicate keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"a":{"b":1,"b":2}}', 'b'],
    ['[{"x":[],"y":{},"x":0}]', 'x'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"a":[1,{"c":"}"}],"b":"{\\"","a":0}', 'a'],
  ])('refuses the duplicate key in %s', (text, key) => {
    expect(() => parse(text)).toThrow(new JsonError(`the key ${JSON.stringify(key)} stands twice`));
  });

  it('allows one key in different objects, and values that look like keys', () => {
    expect(parse('{"a":{"a":"a"},"b":["a","a",{"a":"{\\"a\\":1,\\"a\\":2}"}]}')).toEqual({
      a: { a: 'a' },
      b: ['a', 'a', { a: '{"a":1,"a":2}' }],
    });
  });

  it('counts depth', () => {
    expect(parse('[[[]]]', 3)).toEqual([[[]]]);
    expect(() => parse('[[[[]]]]', 3)).toThrow(new JsonError('nested deeper than 3'));
    expect(() => parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)).toThrow(JsonError);
  });

  it.each([
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['bad UTF-8', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['nothing', Buffer.alloc(0)],
    ['two values', Buffer.from('1 2')],
    ['a comment', Buffer.from('{} // x')],
    ['a trailing comma', Buffer.from('[1,]')],
    ['NaN', Buffer.from('NaN')],
  ])('refuses %s', (_name, bytes) => {
    expect(() => parseStrictJson(bytes)).toThrow(JsonError);
  });

  it('survives long strings and long runs of escapes', () => {
    const text = JSON.stringify({ plain: 'x'.repeat(2_000_000), escaped: '\n'.repeat(2_000_000) });
    expect(Object.keys(parse(text) as object)).toEqual(['plain', 'escaped']);
  });
});
