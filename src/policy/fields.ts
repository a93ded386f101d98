import { z } from 'zod';
import { NAME } from '../core/name.js';

/**
 * The kinds of text in policy.yaml. Every scalar is text (the file is read without types), so patterns stand for
 * types. `form` and `absent` are for the policy reference, which is generated from the schema.
 */

export function text(pattern: RegExp, form: string, description: string): z.ZodString {
  const error = `expected ${form}`;
  return z.string({ error }).regex(pattern, { error }).meta({ description, form });
}

/** Text whose form is for others to check. */
export function line(form: string, description: string): z.ZodString {
  return z.string({ error: `expected ${form}` }).meta({ description, form });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
  description: string,
): z.ZodEnum<{ [Value in Values[number]]: Value }> {
  const form = values.map((value) => `\`${value}\``).join(' ');
  return z
    .enum(values, { error: `expected one of ${values.join(', ')}` })
    .meta({ description, form: `one of ${form}` });
}

/** A list whose items are of one kind; `what` in the plural. */
export function list<Item extends z.ZodType>(
  item: Item,
  what: string,
  description: string,
): z.ZodArray<Item> {
  return z
    .array(item, { error: `expected a list of ${what}` })
    .meta({ description, form: `list of ${what}` });
}

/** Named things of one kind; `by` says what names them. */
export function map<Value extends z.ZodType>(
  value: Value,
  by: string,
  description: string,
): z.ZodRecord<z.ZodString, Value> {
  const form = `map by ${by}`;
  const error = (issue: { readonly input?: unknown }): string | undefined =>
    issue.input === undefined ? undefined : `expected a ${form}`;
  return z.record(z.string(), value, { error }).meta({ description, form });
}

/** One of two kinds; `form` names both. */
export function either<const Options extends readonly [z.ZodType, z.ZodType]>(
  options: Options,
  form: string,
  description: string,
): z.ZodUnion<Options> {
  return z.union(options, { error: `expected ${form}` }).meta({ description, form });
}

/** A field that may be left out, and what it then means: never that its rule is off. */
export function absent<Schema extends z.ZodType>(schema: Schema, means: string): z.ZodOptional<Schema> {
  return schema.optional().meta({ ...schema.meta(), absent: means });
}

export const name = (description: string): z.ZodString =>
  text(NAME, 'a name of 1 to 64 ASCII letters, digits, dots, dashes or underscores', description);
export const address = (description: string): z.ZodString =>
  text(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, 'a base58 address', description);
export const amount = (description: string): z.ZodString =>
  text(/^[0-9.]{1,40} [A-Za-z][A-Za-z0-9._-]{0,31}$/, 'an amount with its unit, like "0.5 SOL"', description);
export const duration = (description: string): z.ZodString =>
  text(/^[1-9]\d{0,8}[smhd]$/, 'a duration like 90s, 30m, 1h or 7d', description);
export const count = (description: string): z.ZodString =>
  text(/^(0|[1-9]\d{0,8})$/, 'a whole number without a sign', description);
export const printable = (description: string): z.ZodString =>
  text(/^[\x20-\x7e]{1,200}$/, '1 to 200 printable ASCII characters', description);
export const clockTime = (description: string): z.ZodString =>
  text(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time of day like "09:30"', description);
export const spiffeId = (description: string): z.ZodString =>
  text(/^spiffe:\/\/\S{1,2040}$/, 'a SPIFFE ID like spiffe://domain/path', description);
