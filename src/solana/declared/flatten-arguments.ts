import { IdlError, type IdlInstruction } from './idl.js';

type Arguments = IdlInstruction['arguments'];

/**
 * Fields of struct arguments as arguments of their own, named `params.amountIn`: many programs take one struct,
 * and what they spend is a field of it. The bytes are the same. Throws IdlError when two come to one name, since
 * a bound on the one would be read as a bound on the other.
 */
export function flattenArguments(args: Arguments): Arguments {
  const flat = args.flatMap(({ name, layout }) => flatten(name, layout));
  const names = new Set(flat.map(({ name }) => name));
  if (names.size !== flat.length) throw new IdlError('two arguments of the IDL have one name');
  return flat;
}

function flatten(name: string, layout: Arguments[number]['layout']): Arguments {
  if (layout.kind !== 'struct' || layout.names === undefined) return [{ name, layout }];
  const { names } = layout;
  return layout.fields.flatMap((field, index) => flatten(`${name}.${names[index] ?? String(index)}`, field));
}
