import type { z } from 'zod';
import type { Purpose } from '../authority.js';

/** One kind of statement: its schema, what it is bound to, and how it reads. */
export interface KindDefinition<Name extends string, Schema extends z.ZodType> {
  readonly kind: Name;
  /** The payload's `type`. */
  readonly type: `${Name}/v1`;
  /** The threshold that its quorum must meet. */
  readonly purpose: Purpose;
  readonly schema: Schema;
  /** The fields of the kind as `name value` parts of the line a wallet shows; every figure is in them. */
  readonly figures: (payload: z.infer<Schema>) => readonly string[];
  /** What it does once accepted, one plain sentence each. */
  readonly grants: (payload: z.infer<Schema>) => readonly string[];
}

/** Keeps the exact types of a definition. */
export function defineKind<Name extends string, Schema extends z.ZodType>(
  definition: KindDefinition<Name, Schema>,
): KindDefinition<Name, Schema> {
  return definition;
}
