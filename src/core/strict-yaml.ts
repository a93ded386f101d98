import { isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import { quote } from './schema.js';
import { decodeUtf8 } from './utf8.js';

/**
 * YAML for files somebody relies on: one document of maps, lists and text. Every scalar is the text that stands
 * there (an unquoted program id or number stays text); anchors, aliases, tags, directives, duplicate keys and
 * a second document are errors, since two readers could see two files in them.
 */
export type YamlValue = string | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** Why a file could not be read; `line` counts from 1. */
export class YamlError extends Error {
  readonly line: number | null;

  constructor(message: string, line: number | null) {
    super(message);
    this.name = 'YamlError';
    this.line = line;
  }
}

export interface YamlDocument {
  readonly value: YamlValue;
  /** The line of the value at `path`, or of the nearest value around it. */
  lineOf(path: readonly PropertyKey[]): number;
}

const MAX_FLOW_DEPTH = 16;
const MAX_BLOCK_COLUMN = 64;
/** The lexer's zero-width marks: document start, scalar follows, flow collection ends in error. */
const SCALAR = '\u001f';
const MARKS: ReadonlySet<string> = new Set(['\u0002', SCALAR, '\u0018']);
/** By first character: in a plain or quoted scalar these never stand first in a token. */
const REFUSED: Readonly<Record<string, string>> = {
  '&': 'anchors are not read',
  '*': 'aliases are not read',
  '!': 'tags are not read',
  '%': 'directives are not read',
};
/**
 * What shows a person other lines than the parser reads: terminal controls, a lone CR or another reader's line break,
 * text that runs backwards. Also decoded from an escape, since values are printed.
 */
const HIDING = /(?!\r\n|[\n\t])[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Names and base58 addresses. Keeps `__proto__` and `<<` out. */
const MAP_KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Throws YamlError. `maxBytes` is checked before anything is read. */
export function parseStrictYaml(bytes: Uint8Array, maxBytes: number): YamlDocument {
  if (bytes.length > maxBytes) {
    throw new YamlError(`${String(bytes.length)} bytes; at most ${String(maxBytes)} are read`, null);
  }
  const text = decode(bytes);
  const hidden = HIDING.exec(text);
  if (hidden !== null) throw hiding(hidden[0], text.slice(0, hidden.index).split('\n').length);
  checkTokens(text);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.2',
    merge: false,
    stringKeys: true,
    // The library compares every pair of keys, which is quadratic; `convert` uses a set.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    throw new YamlError(fault.message.charAt(0).toLowerCase() + fault.message.slice(1), lineAt(fault.pos[0]));
  }
  const root: unknown = document.contents;
  if (root === null) throw new YamlError('the file is empty', null);
  return {
    value: convert(root, lineAt),
    lineOf: (path) => lineAt(offsetOf(root, path)),
  };
}

function decode(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text === null) throw new YamlError('not valid UTF-8', null);
  if (text.startsWith('\ufeff')) throw new YamlError('starts with a byte order mark', 1);
  return text;
}

/**
 * Refuses what this reader has no use for before the library composes anything. Its composer recurses: a few
 * kilobytes of nested lists overflow the stack, and an overflow inside V8's regular expression compiler ends
 * the process instead of throwing. In block style a level costs a column, so columns bound the depth.
 */
function checkTokens(text: string): void {
  let line = 1;
  let column = 0;
  let flow = 0;
  let values = 0;
  let keyColumn = 0;
  let scalar = false;
  for (const token of new Lexer().lex(text)) {
    if (MARKS.has(token)) {
      scalar = token === SCALAR;
      continue;
    }
    // The text of a plain or block scalar means nothing, whatever it begins with.
    const first = scalar ? '' : token.charAt(0);
    if (REFUSED[first] !== undefined) throw new YamlError(REFUSED[first], line);
    if (!scalar && (token === '...' || (token === '---' && line > 1)))
      throw new YamlError('more than one document', line);
    if (first === '[' || first === '{') flow++;
    else if (first === ']' || first === '}') flow--;
    if (flow > MAX_FLOW_DEPTH) throw new YamlError(`nested deeper than ${String(MAX_FLOW_DEPTH)}`, line);
    if (flow === 0 && !scalar) {
      if (token === ':' && ++values > 1) throw new YamlError('a second value on the same line', line);
      const opens = token === '-' || token === '?' ? column : token === ':' ? keyColumn : 0;
      if (opens > MAX_BLOCK_COLUMN) throw new YamlError('nested too deep', line);
    }
    if (token.trim() !== '') keyColumn = column;
    const lastBreak = token.lastIndexOf('\n');
    if (lastBreak < 0) {
      column += token.length;
    } else {
      line += token.split('\n').length - 1;
      column = token.length - lastBreak - 1;
      values = 0;
    }
    scalar = false;
  }
}

/** The tree of the library as plain values; maps have no prototype, so no key means anything but itself. */
function convert(node: unknown, lineAt: (offset: number) => number): YamlValue {
  if (isScalar(node)) {
    const value = String(node.value);
    const hidden = HIDING.exec(value);
    if (hidden !== null) throw hiding(hidden[0], node.range ? lineAt(node.range[0]) : null);
    return value;
  }
  if (isSeq(node)) return node.items.map((item) => convert(item, lineAt));
  if (!isMap(node)) throw new YamlError('not a map, a list or a text', null);
  const result = Object.create(null) as { [key: string]: YamlValue };
  for (const { key, value } of node.items) {
    const line = isScalar(key) && key.range ? lineAt(key.range[0]) : null;
    const name = isScalar(key) ? String(key.value) : '';
    if (!MAP_KEY.test(name)) throw new YamlError(`not a key: ${quote(name)}`, line);
    if (name in result) throw new YamlError(`the key ${name} stands twice`, line);
    result[name] = value === null ? '' : convert(value, lineAt);
  }
  return result;
}

function hiding(character: string, line: number | null): YamlError {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return new YamlError(`the character U+${code}, which can hide what the file says`, line);
}

/** Where the value at `path` begins in the text, as far as the path leads. */
function offsetOf(root: unknown, path: readonly PropertyKey[]): number {
  let node = root;
  let offset = 0;
  for (const part of path) {
    let next: unknown;
    if (isSeq(node)) next = node.items[Number(part)];
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (isScalar(pair?.key) && pair.key.range) offset = pair.key.range[0];
      next = pair?.value;
    }
    if (next === undefined || next === null) return offset;
    if ((isScalar(next) || isSeq(next) || isMap(next)) && isSeq(node) && next.range) offset = next.range[0];
    node = next;
  }
  return offset;
}
