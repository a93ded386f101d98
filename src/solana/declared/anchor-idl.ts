import { z } from 'zod';
import { parseAddress, type Pubkey } from '../../core/pubkey.js';
import { sha256 } from '../../core/sha256.js';
import { flattenArguments } from './flatten-arguments.js';
import { IdlError, type Idl, type IdlInstruction } from './idl.js';
import { NUMBERS, type Layout } from './layout.js';

type AnchorType =
  | string
  | { option: AnchorType }
  | { coption: AnchorType }
  | { vec: AnchorType }
  | { array: [AnchorType, number] }
  | { defined: string | { name: string } };

const anchorType: z.ZodType<AnchorType> = z.lazy(() =>
  z.union([
    z.string(),
    z.object({ option: anchorType }),
    z.object({ coption: anchorType }),
    z.object({ vec: anchorType }),
    z.object({ array: z.tuple([anchorType, z.number().int().min(0).max(4096)]) }),
    z.object({ defined: z.union([z.string(), z.object({ name: z.string() })]) }),
  ]),
);

interface AnchorAccount {
  name: string;
  address?: string | undefined;
  accounts?: AnchorAccount[] | undefined;
}

const anchorAccount: z.ZodType<AnchorAccount> = z.lazy(() =>
  z.object({ name: z.string(), address: z.string().optional(), accounts: z.array(anchorAccount).optional() }),
);

const field = z.union([z.object({ name: z.string(), type: anchorType }), anchorType]);

const anchorIdl = z.object({
  address: z.string().optional(),
  instructions: z.array(
    z.object({
      name: z.string(),
      discriminator: z.array(z.number().int().min(0).max(255)).min(1).optional(),
      accounts: z.array(anchorAccount),
      args: z.array(z.object({ name: z.string(), type: anchorType })),
    }),
  ),
  types: z
    .array(
      z.object({
        name: z.string(),
        serialization: z.unknown().optional(),
        type: z.union([
          z.object({ kind: z.literal('struct'), fields: z.array(field).optional() }),
          z.object({
            kind: z.literal('enum'),
            variants: z.array(z.object({ name: z.string(), fields: z.array(field).optional() })),
          }),
          z.object({ kind: z.literal('type'), alias: anchorType }),
        ]),
      }),
    )
    .optional(),
});

type AnchorIdl = z.infer<typeof anchorIdl>;

/** Deepest nesting of types; a type that contains itself never ends. */
const MAX_DEPTH = 16;

/** Anchor's IDL, before and since 0.30. Throws IdlError when it is not one. */
export function readAnchorIdl(value: unknown): Idl {
  const parsed = anchorIdl.safeParse(value);
  if (!parsed.success) throw new IdlError('not an Anchor IDL');
  const idl = parsed.data;
  return {
    program: idl.address === undefined ? null : parseAddress(idl.address),
    discriminators: idl.instructions.map((each) => ({
      name: each.name,
      discriminator: discriminatorOf(each),
    })),
    instruction: (name) => {
      const found = idl.instructions.find((each) => each.name === name);
      return found === undefined ? null : readInstruction(idl, found);
    },
  };
}

function readInstruction(idl: AnchorIdl, found: AnchorIdl['instructions'][number]): IdlInstruction {
  return {
    name: found.name,
    discriminator: discriminatorOf(found),
    accounts: found.accounts.flatMap((account) => flatten(account, '')),
    arguments: flattenArguments(
      found.args.map((argument) => ({ name: argument.name, layout: layoutOf(idl, argument.type, 0) })),
    ),
  };
}

function discriminatorOf({ name, discriminator }: AnchorIdl['instructions'][number]): Uint8Array {
  return Uint8Array.from(discriminator ?? globalDiscriminator(name));
}

/** Before 0.30 the IDL leaves it out: the first 8 bytes of SHA-256 of `global:` and the name in snake case. */
function globalDiscriminator(name: string): Uint8Array {
  const snake = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return sha256(Buffer.from(`global:${snake}`)).subarray(0, 8);
}

function flatten(account: AnchorAccount, prefix: string): { name: string; address: Pubkey | null }[] {
  const name = prefix + account.name;
  if (account.accounts !== undefined) return account.accounts.flatMap((inner) => flatten(inner, `${name}.`));
  const address = account.address === undefined ? null : parseAddress(account.address);
  if (account.address !== undefined && address === null) throw new IdlError(`${name} has no valid address`);
  return [{ name, address }];
}

/** A map: a type may have the name of something every object has. */
const PRIMITIVES: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  ...NUMBERS,
  ['bool', { kind: 'bool' }],
  ['pubkey', { kind: 'bytes', length: 32 }],
  ['publicKey', { kind: 'bytes', length: 32 }],
  ['bytes', { kind: 'list', prefix: 4, inner: { kind: 'integer', bytes: 1, signed: false } }],
  ['string', { kind: 'list', prefix: 4, inner: { kind: 'integer', bytes: 1, signed: false } }],
]);

function layoutOf(idl: AnchorIdl, type: AnchorType, depth: number): Layout {
  if (depth > MAX_DEPTH) throw new IdlError('types are nested too deeply');
  const inner = (each: AnchorType): Layout => layoutOf(idl, each, depth + 1);
  if (typeof type === 'string') {
    const primitive = PRIMITIVES.get(type);
    if (primitive === undefined) throw new IdlError(`the type ${type} is not known`);
    return primitive;
  }
  if ('option' in type) return { kind: 'option', prefix: 1, inner: inner(type.option) };
  if ('coption' in type) return { kind: 'option', prefix: 4, inner: inner(type.coption) };
  if ('vec' in type) return { kind: 'list', prefix: 4, inner: inner(type.vec) };
  if ('array' in type) return { kind: 'array', inner: inner(type.array[0]), length: type.array[1] };
  return defined(idl, typeof type.defined === 'string' ? type.defined : type.defined.name, depth + 1);
}

function defined(idl: AnchorIdl, name: string, depth: number): Layout {
  const found = idl.types?.find((each) => each.name === name);
  if (found === undefined) throw new IdlError(`the type ${name} is not defined`);
  if (found.serialization !== undefined && found.serialization !== 'borsh') {
    throw new IdlError(`the type ${name} is not laid out by borsh`);
  }
  const struct = (fields: readonly z.infer<typeof field>[] | undefined): Layout => ({
    kind: 'struct',
    fields: (fields ?? []).map((each) =>
      layoutOf(idl, typeof each === 'object' && 'type' in each ? each.type : each, depth + 1),
    ),
    names: (fields ?? []).map((each, index) =>
      typeof each === 'object' && 'name' in each ? each.name : String(index),
    ),
  });
  const { type } = found;
  switch (type.kind) {
    case 'struct':
      return struct(type.fields);
    case 'enum':
      return { kind: 'enum', prefix: 1, variants: type.variants.map((variant) => struct(variant.fields)) };
    case 'type':
      return layoutOf(idl, type.alias, depth + 1);
  }
}
