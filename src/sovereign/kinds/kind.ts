import type { z } from 'zod';
import { ChanceryError } from '../../core/errors.js';
import { issueSentence } from '../../core/schema.js';
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
  /** A parsed JSON value as a statement of the kind. Throws MALFORMED_STATEMENT. */
  readonly read: (value: unknown) => { readonly kind: Name; readonly payload: z.infer<Schema> };
}

export function defineKind<Name extends string, Schema extends z.ZodType>(
  definition: Omit<KindDefinition<Name, Schema>, 'read'>,
): KindDefinition<Name, Schema> {
  const { kind, schema } = definition;
  return {
    ...definition,
    read: (value) => {
      const read = schema.safeParse(value);
      if (read.success) return { kind, payload: read.data };
      const message = `the ${kind} statement is malformed: ${issueSentence(read.error)}`;
      throw new ChanceryError('MALFORMED_STATEMENT', message);
    },
  };
}
