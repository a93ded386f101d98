import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { parseStrictYaml, type YamlDocument, type YamlValue } from './strict-yaml.js';

/** A list of plain texts that stands at `map.key` of a document; both are names or addresses. */
export interface ListAt {
  readonly map: string;
  readonly key: string;
  readonly items: readonly string[];
}

/**
 * The text with that list written into it, in place of the one that stands there, and every other byte as it was:
 * comments, order and quotes are the author's. Null when it cannot be done in that style; what it gives is read
 * again and says exactly what was asked.
 */
export function writeList(text: string, list: ListAt, maxBytes: number): string | null {
  const before = parseStrictYaml(Buffer.from(text), maxBytes);
  const edited = edit(text, list);
  if (edited === null) return null;
  let after: YamlDocument;
  try {
    after = parseStrictYaml(Buffer.from(edited), maxBytes);
  } catch {
    return null;
  }
  return isDeepStrictEqual(after.value, wanted(before.value, list)) ? edited : null;
}

/** The same as text to paste: a map at the margin. */
export function listBlock({ map, key, items }: ListAt): string {
  return `${map}:\n  ${key}:\n${blockOf(items, '    ')}`;
}

function blockOf(items: readonly string[], indent: string): string {
  return items.map((item) => `${indent}- ${item}\n`).join('');
}

function wanted(value: YamlValue, { map, key, items }: ListAt): YamlValue | null {
  if (typeof value === 'string' || Array.isArray(value)) return null;
  const root = value as Readonly<Record<string, YamlValue>>;
  const inner = (root[map] ?? {}) as Readonly<Record<string, YamlValue>>;
  const plain = Object.assign(Object.create(null), inner, { [key]: [...items] }) as YamlValue;
  return Object.assign(Object.create(null), root, { [map]: plain }) as YamlValue;
}

function edit(text: string, list: ListAt): string | null {
  const { contents: root } = parseDocument(text, { schema: 'failsafe', stringKeys: true });
  if (!isMap(root) || root.flow === true) return null;
  const pair = find(root, list.map);
  if (pair === null) {
    const end = text.endsWith('\n') ? '' : '\n';
    return text + end + listBlock(list);
  }
  if (!isMap(pair.value)) return null;
  const entry = find(pair.value, list.key);
  return entry === null ? added(text, pair.value, list) : replaced(text, entry, list.items);
}

function find(map: YAMLMap, name: string): Pair | null {
  return map.items.find(({ key }) => isScalar(key) && key.value === name) ?? null;
}

function replaced(text: string, { value }: Pair, items: readonly string[]): string | null {
  if (!isSeq(value) || !value.range) return null;
  const [from, to] = value.range;
  const body = value.flow === true ? flowOf(items) : blockOf(items, columnAt(text, from)).trimStart();
  return text.slice(0, from) + body + text.slice(to);
}

/** Before the first of the map. */
function added(text: string, map: YAMLMap, { key, items }: ListAt): string | null {
  if (map.flow === true) {
    if (!map.range) return null;
    const from = map.range[0] + 1;
    const rest = map.items.length === 0 ? ' ' : ',';
    return `${text.slice(0, from)} ${key}: ${flowOf(items)}${rest}${text.slice(from)}`;
  }
  const first = map.items[0]?.key;
  if (!isScalar(first) || !first.range) return null;
  const [from] = first.range;
  const indent = columnAt(text, from);
  return `${text.slice(0, from)}${key}:\n${blockOf(items, `${indent}  `)}${indent}${text.slice(from)}`;
}

function flowOf(items: readonly string[]): string {
  return `[${items.join(', ')}]`;
}

/** Spaces up to the column of an offset. */
function columnAt(text: string, offset: number): string {
  return ' '.repeat(offset - (text.lastIndexOf('\n', offset - 1) + 1));
}
