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

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Throws JsonError; `maxDepth` counts nested objects and arrays. */
export function parseStrictJson(bytes: Uint8Array, maxDepth = 16): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError('not valid UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonError('not valid JSON');
  }
  checkKeys(text, maxDepth);
  return value;
}

/** The text is known to be valid JSON, so only strings and punctuation need to be looked at. */
function checkKeys(text: string, maxDepth: number): void {
  const open: (Set<string> | null)[] = [];
  let expectKey = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const scope = open.at(-1);
    if (token === '{' || token === '[') {
      if (open.length >= maxDepth) throw new JsonError(`nested deeper than ${String(maxDepth)}`);
      open.push(token === '{' ? new Set() : null);
      expectKey = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      expectKey = false;
    } else if (token === ',') {
      expectKey = scope instanceof Set;
    } else if (token === ':') {
      expectKey = false;
    } else if (expectKey && scope instanceof Set) {
      const key = JSON.parse(token) as string;
      if (scope.has(key)) throw new JsonError(`the key ${JSON.stringify(key)} stands twice`);
      scope.add(key);
    }
  }
}
