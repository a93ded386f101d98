import { describe, expect, it } from 'vitest';
import { parseStrictYaml, YamlError } from '../../../src/core/strict-yaml.js';

const parse = (text: string): unknown => parseStrictYaml(Buffer.from(text), 10_000).value;

function refusal(text: string): { readonly message: string; readonly line: number | null } {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof YamlError) return { message: error.message, line: error.line };
    throw error;
  }
  return { message: 'nothing was refused', line: null };
}

describe('I8: a file shows what it says', () => {
  it.each([
    ['a lone CR, behind which a terminal shows another line', 'a: "1"\nb: 1 # x\rb: 2\n', 'U+000D', 2],
    ['the line break of another reader', 'a: 1 # x\u2028b: 2\n', 'U+2028', 1],
    ['and the older one', 'a: 1 # x\u0085b: 2\n', 'U+0085', 1],
    ['an escape in a comment', 'a: 1\n# \u001b[8m\nb: 2\n', 'U+001B', 2],
    ['one that a quoted text makes', 'a: 1\nb: "x\\e[2K"\n', 'U+001B', 2],
    ['text that runs backwards', 'a: 1 # \u202e2 :a\n', 'U+202E', 1],
  ])('not %s', (_name, text, code, line) => {
    expect(refusal(text)).toEqual({
      message: `the character ${code}, which can hide what the file says`,
      line,
    });
  });

  it('line breaks of both kinds, tabs and any language are read', () => {
    expect(parse('a: 1 # Grüße, 世界 \u{1f469}\u200d\u{1f52c}\r\nb: 2\t# x\r\n')).toEqual({ a: '1', b: '2' });
  });
});
