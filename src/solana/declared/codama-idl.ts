import { z } from 'zod';
import { parseAddress } from '../../core/pubkey.js';
import { flattenArguments } from './flatten-arguments.js';
import { IdlError, type Idl, type IdlInstruction } from './idl.js';
import { NUMBERS, type Layout } from './layout.js';

/** Nodes are read as they are needed: Codama has many kinds, and only those of instructions matter here. */
const node = z.looseObject({ kind: z.string() });
type Node = z.infer<typeof node>;

const argumentNode = z.object({
  name: z.string(),
  type: node,
  defaultValue: node.optional(),
  defaultValueStrategy: z.string().optional(),
});

const accountNode = z.object({
  name: z.string(),
  isOptional: z.boolean().optional(),
  defaultValue: node.optional(),
});

const rootNode = z.object({
  kind: z.literal('rootNode'),
  program: z.object({
    publicKey: z.string(),
    instructions: z.array(
      z.object({
        name: z.string(),
        accounts: z.array(accountNode).default([]),
        arguments: z.array(argumentNode).default([]),
        optionalAccountStrategy: z.string().optional(),
      }),
    ),
    definedTypes: z.array(z.object({ name: z.string(), type: node })).default([]),
  }),
});

type Root = z.infer<typeof rootNode>;

const MAX_DEPTH = 16;

/** Codama's root node. Throws IdlError when it is not one. */
export function readCodamaIdl(value: unknown): Idl {
  const parsed = rootNode.safeParse(value);
  if (!parsed.success) throw new IdlError('not a Codama IDL');
  const { program } = parsed.data;
  return {
    program: parseAddress(program.publicKey),
    discriminators: program.instructions.flatMap((each) => {
      const discriminator = discriminatorOrNull(each);
      return discriminator === null ? [] : [{ name: each.name, discriminator }];
    }),
    instruction: (name) => {
      const found = program.instructions.find((each) => each.name === name);
      return found === undefined ? null : readInstruction(parsed.data, found);
    },
  };
}

type CodamaInstruction = Root['program']['instructions'][number];

function readInstruction(root: Root, found: CodamaInstruction): IdlInstruction {
  const { discriminator, rest } = discriminatorOf(found);
  // One that may be left out moves those behind it: a place would be read as another.
  if (found.optionalAccountStrategy === 'omitted' && found.accounts.some(({ isOptional }) => isOptional)) {
    throw new IdlError('accounts that may be left out are not supported');
  }
  return {
    name: found.name,
    discriminator,
    accounts: found.accounts.map(({ name, defaultValue }) => ({ name, address: fixedAddress(defaultValue) })),
    arguments: flattenArguments(rest.map(({ name, type }) => ({ name, layout: layoutOf(root, type, 0) }))),
  };
}

/** What stands first and is never given by the caller, and the arguments that follow it. */
function discriminatorOf(found: CodamaInstruction): {
  readonly discriminator: Uint8Array;
  readonly rest: CodamaInstruction['arguments'];
} {
  const constants: Uint8Array[] = [];
  const rest = [...found.arguments];
  for (let first = rest[0]; first?.defaultValueStrategy === 'omitted'; first = rest[0]) {
    constants.push(constantBytes(first));
    rest.shift();
  }
  const discriminator = Buffer.concat(constants);
  if (discriminator.length === 0) throw new IdlError(`${found.name} has no discriminator`);
  return { discriminator, rest };
}

/** Null where it cannot be read, which is no fault of the instructions that are declared. */
function discriminatorOrNull(found: CodamaInstruction): Uint8Array | null {
  try {
    return discriminatorOf(found).discriminator;
  } catch (error) {
    if (error instanceof IdlError) return null;
    throw error;
  }
}

/** A default that is one address (a program, a sysvar); callers could pass another, here they may not. */
function fixedAddress(value: Node | undefined): ReturnType<typeof parseAddress> {
  if (value?.kind !== 'publicKeyValueNode') return null;
  const address = typeof value['publicKey'] === 'string' ? parseAddress(value['publicKey']) : null;
  if (address === null) throw new IdlError('a default account has no valid address');
  return address;
}

function constantBytes(argument: z.infer<typeof argumentNode>): Uint8Array {
  const { defaultValue, type } = argument;
  if (defaultValue?.kind === 'numberValueNode' && type.kind === 'numberTypeNode') {
    const layout = numberLayout(type);
    const value = defaultValue['number'];
    if (layout.kind === 'integer' && typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      const bytes = new Uint8Array(layout.bytes);
      let left = BigInt(value);
      for (let index = 0; index < bytes.length; index++, left >>= 8n) bytes[index] = Number(left & 0xffn);
      return bytes;
    }
  }
  if (defaultValue?.kind === 'bytesValueNode' && defaultValue['encoding'] === 'base16') {
    const text = defaultValue['data'];
    if (typeof text === 'string' && /^(?:[0-9a-f]{2})+$/.test(text)) return Buffer.from(text, 'hex');
  }
  throw new IdlError(`the constant ${argument.name} cannot be read`);
}

function numberLayout(type: Node): Layout {
  const layout = typeof type['format'] === 'string' ? NUMBERS.get(type['format']) : undefined;
  if (layout === undefined || type['endian'] === 'be') throw new IdlError('a number of unknown format');
  return layout;
}

function width<const Allowed extends number>(value: unknown, allowed: readonly Allowed[]): Allowed {
  const prefix = child(value);
  const layout = numberLayout(prefix.kind === 'numberTypeNode' ? prefix : child(prefix['number']));
  const found = layout.kind === 'integer' ? allowed.find((each) => each === layout.bytes) : undefined;
  if (found === undefined) throw new IdlError('a prefix of unknown size');
  return found;
}

function child(value: unknown): Node {
  const parsed = node.safeParse(value);
  if (!parsed.success) throw new IdlError('a node is missing');
  return parsed.data;
}

function size(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 4096) {
    throw new IdlError('a size is missing');
  }
  return value;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function layoutOf(root: Root, type: Node, depth: number): Layout {
  if (depth > MAX_DEPTH) throw new IdlError('types are nested too deeply');
  const inner = (value: unknown): Layout => layoutOf(root, child(value), depth + 1);
  switch (type.kind) {
    case 'numberTypeNode':
      return numberLayout(type);
    case 'amountTypeNode':
    case 'solAmountTypeNode':
    case 'dateTimeTypeNode':
      return inner(type['number']);
    case 'booleanTypeNode':
      width(type['size'], [1]);
      return { kind: 'bool' };
    case 'publicKeyTypeNode':
      return { kind: 'bytes', length: 32 };
    case 'optionTypeNode':
      if (type['fixed'] === true) throw new IdlError('options of fixed size are not supported');
      return { kind: 'option', prefix: width(type['prefix'], [1, 4]), inner: inner(type['item']) };
    case 'fixedSizeTypeNode':
      return { kind: 'bytes', length: size(type['size']) };
    case 'sizePrefixTypeNode': {
      const content = child(type['type']);
      if (content.kind !== 'bytesTypeNode' && content.kind !== 'stringTypeNode') {
        throw new IdlError('only bytes and strings may have a size prefix');
      }
      const byte: Layout = { kind: 'integer', bytes: 1, signed: false };
      return { kind: 'list', prefix: width(type['prefix'], [1, 2, 4, 8]), inner: byte };
    }
    case 'arrayTypeNode': {
      const count = child(type['count']);
      if (count.kind === 'fixedCountNode') {
        return { kind: 'array', inner: inner(type['item']), length: size(count['value']) };
      }
      if (count.kind !== 'prefixedCountNode') throw new IdlError('an array without a count');
      return { kind: 'list', prefix: width(count['prefix'], [1, 2, 4, 8]), inner: inner(type['item']) };
    }
    case 'tupleTypeNode':
      return { kind: 'struct', fields: list(type['items']).map(inner) };
    case 'structTypeNode':
      return {
        kind: 'struct',
        fields: list(type['fields']).map((each) => inner(child(each)['type'])),
        names: list(type['fields']).map((each) => nameOf(child(each))),
      };
    case 'enumTypeNode':
      return {
        kind: 'enum',
        prefix: type['size'] === undefined ? 1 : width(type['size'], [1, 2, 4]),
        variants: list(type['variants']).map((each, index) => variant(child(each), index, inner)),
      };
    case 'definedTypeLinkNode': {
      const found = root.program.definedTypes.find((each) => each.name === type['name']);
      if (found === undefined) throw new IdlError(`the type ${String(type['name'])} is not defined`);
      return layoutOf(root, found.type, depth + 1);
    }
    default:
      throw new IdlError(`the type ${type.kind} is not supported`);
  }
}

function nameOf(value: Node): string {
  const name = value['name'];
  if (typeof name !== 'string') throw new IdlError('a field has no name');
  return name;
}

function variant(value: Node, index: number, inner: (value: unknown) => Layout): Layout {
  const tag = value['discriminator'];
  if (tag !== undefined && tag !== index)
    throw new IdlError('variants with tags of their own are not supported');
  switch (value.kind) {
    case 'enumEmptyVariantTypeNode':
      return { kind: 'struct', fields: [] };
    case 'enumStructVariantTypeNode':
      return inner(value['struct']);
    case 'enumTupleVariantTypeNode':
      return inner(value['tuple']);
    default:
      throw new IdlError(`the variant ${value.kind} is not supported`);
  }
}
