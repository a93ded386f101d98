import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { ADMIN_METHODS } from '../../../src/protocol/admin-methods.js';
import type { MethodTable } from '../../../src/protocol/method.js';
import { SIGNER_METHODS } from '../../../src/protocol/signer-methods.js';

const TABLES: readonly (readonly [string, MethodTable])[] = [
  ['signer.sock', SIGNER_METHODS],
  ['admin.sock', ADMIN_METHODS],
];
const methods = TABLES.flatMap(([socket, table]) =>
  Object.entries(table).map(([name, { params }]) => [socket, name, params] as const),
);

/** Names of all params, those inside others with a dot. */
function names(schema: z.core.JSONSchema.BaseSchema, path = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    typeof property === 'boolean' ? [] : [path + name, ...names(property, `${path}${name}.`)],
  );
}

describe('what a caller may choose', () => {
  /** What callers of other signers have chosen: a library to load, a file to write, a way round the rules. */
  const WISHES = ['module', 'provider', 'path', 'file', 'ledger', 'url', 'log', 'policy', 'message', 'force'];

  it.each(methods)('%s %s takes no param that it does not name', (_socket, _name, params) => {
    const own = new Set(names(z.toJSONSchema(params, { io: 'input' })));
    for (const wish of WISHES) {
      expect(own).not.toContain(wish);
      const { error } = params.safeParse({ [wish]: '/tmp/evil' });
      const unknown = error?.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys' ? issue.keys : [],
      );
      expect(unknown).toEqual([wish]);
    }
  });

  it('I7: is never a place on the machine, and bytes to sign only as a whole transaction', () => {
    const all = new Set(methods.flatMap(([, , params]) => names(z.toJSONSchema(params, { io: 'input' }))));
    // A new name here is a new power of a caller: say what it cannot be used for before you add it.
    expect([...all].sort()).toEqual([
      'blobs',
      'id',
      'key',
      'label',
      'pin',
      'possession',
      'possession.publicKey',
      'possession.signature',
      'reason',
      'sequence',
      'statement',
      'statement.payload',
      'statement.signatures',
      'svid',
      'token',
      'topics',
      'transaction',
      'transactions',
      'workload',
    ]);
  });
});
