// Cuts an Anchor IDL down to some of its instructions and the types they use, so that a profile is small enough to
// be read. Names, order and layouts stay as they are; docs go.
// usage: node scripts/reduce-idl.mjs idl.json instruction... > profiles/<program>/idl.json
import console from 'node:console';
import process from 'node:process';
import { readFileSync } from 'node:fs';

const [, , file, ...wanted] = process.argv;
if (file === undefined || wanted.length === 0)
  throw new Error('usage: reduce-idl.mjs idl.json instruction...');
const idl = JSON.parse(readFileSync(file, 'utf8'));

const named = (list, name) => {
  const found = list.find((item) => item.name === name);
  if (found === undefined) throw new Error(`the IDL has no ${name}`);
  return found;
};

/** Names of the types that a node mentions. */
function mentioned(node) {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'defined' in node ? [typeof node.defined === 'string' ? node.defined : node.defined.name] : [];
  return [...own, ...Object.values(node).flatMap(mentioned)];
}

function withoutDocs(node) {
  if (Array.isArray(node)) return node.map(withoutDocs);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'docs')
      .map(([key, value]) => [key, withoutDocs(value)]),
  );
}

const instructions = wanted.map((name) => named(idl.instructions, name));
const types = new Map();
const open = instructions.flatMap(mentioned);
for (let name = open.pop(); name !== undefined; name = open.pop()) {
  if (types.has(name)) continue;
  const type = named(idl.types, name);
  types.set(name, type);
  open.push(...mentioned(type));
}
const { address, metadata, version, name } = idl;
const order = idl.types.filter((type) => types.has(type.name));
console.log(
  JSON.stringify(withoutDocs({ address, version, name, metadata, instructions, types: order }), null, 2),
);
