import { stringEnd } from './json-depth.js';
import { decodeUtf8 } from './utf8.js';

/**
 * JSON for bytes that somebody signed: UTF-8 without a byte order mark, one value, no duplicate keys, bounded
 * depth. `JSON.parse` keeps the last of two equal keys; another reader may keep the first, and the two would
 * see two different statements under one signature.
 */

export class JsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonError';
  }
}

/** Throws JsonError; `maxDepth` counts nested objects and arrays. */
export function parseStrictJson(bytes: Uint8Array, maxDepth = 16): unknown {
  const text = decodeUtf8(bytes);
  if (text === null) throw new JsonError('not valid UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonError('not valid JSON');
  }
  checkKeys(text, maxDepth);
  return value;
}

/**
 * The text is known to be valid JSON, so only strings and punctuation need to be looked at. A loop and not a
 * regular expression: those overflow the stack on a long run of escapes.
 */
function checkKeys(text: string, maxDepth: number): void {
  /** Keys seen in each open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  let expectKey = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') {
      if (open.length >= maxDepth) throw new JsonError(`nested deeper than ${String(maxDepth)}`);
      open.push(char === '{' ? new Set() : null);
      expectKey = char === '{';
    } else if (char === '}' || char === ']') {
      open.pop();
      expectKey = false;
    } else if (char === ',') {
      expectKey = open.at(-1) instanceof Set;
    } else if (char === '"') {
      const end = stringEnd(text, at);
      if (expectKey) addKey(open.at(-1) ?? null, text.slice(at, end + 1));
      expectKey = false;
      at = end;
    }
  }
}

function addKey(keys: Set<string> | null, token: string): void {
  const key: unknown = JSON.parse(token);
  if (keys === null || typeof key !== 'string') return;
  // Compared after unescaping: "\u0061" and "a" are one key.
  if (keys.has(key)) {
    throw new JsonError(`the key ${JSON.stringify(key.slice(0, 64))} stands twice`);
  }
  keys.add(key);
}
