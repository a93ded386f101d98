import { describe, expect, it } from 'vitest';
import type { Power } from '../../../src/config/schema.js';
import { forOperators } from '../../../src/daemon/operators.js';
import { ADMIN_METHODS } from '../../../src/protocol/admin-methods.js';

type Dispatch = ReturnType<typeof forOperators>;
type Asked = Parameters<Dispatch>[0];

const done: Dispatch = () => Promise.resolve('done');

/** What each uid is told of each method. */
async function answers(
  operators: ReadonlyMap<number, ReadonlySet<Power>> | null,
  uid: number,
): Promise<Record<string, string>> {
  const dispatch = forOperators(operators, done);
  const asked = Object.keys(ADMIN_METHODS).map(async (method): Promise<[string, string]> => {
    const request = { method, context: { peer: { uid } } } as Asked;
    const answer = await dispatch(request).catch((error: unknown) => (error as { code: string }).code);
    return [method, String(answer)];
  });
  return Object.fromEntries(await Promise.all(asked));
}

const allowed = (told: Record<string, string>): string[] =>
  Object.keys(told).filter((method) => told[method] === 'done');

describe('the powers of operators', () => {
  const reads = ['getStatus', 'listAttestations', 'listPending', 'subscribe'];
  const narrows = ['freeze', 'revokeAttestation', 'revokeWorkload'];
  const submits = ['submitStatement', 'createChallenge'];
  const ceremonies = ['keyGenerate', 'keyImport', 'keyAttest', 'unlock'];

  it.each<[Power, readonly string[]]>([
    ['read', reads],
    ['narrow', narrows],
    ['submit', submits],
    ['ceremony', ceremonies],
  ])('%s opens its own commands and no other', async (power, methods) => {
    const told = await answers(new Map([[1001, new Set([power])]]), 1001);
    expect(allowed(told).sort()).toEqual([...methods].sort());
    const refused = Object.values(told).filter((answer) => answer !== 'done');
    expect(new Set(refused)).toEqual(new Set(['UNKNOWN_METHOD']));
  });

  it('cover every command there is: one that none opens would open to all or to nobody', () => {
    expect([...reads, ...narrows, ...submits, ...ceremonies].sort()).toEqual(
      Object.keys(ADMIN_METHODS).sort(),
    );
  });

  it('are none for a uid that is not listed, root among them, nor where nobody is', async () => {
    const listed = new Map([[1001, new Set<Power>(['read', 'narrow', 'submit', 'ceremony'])]]);
    expect(allowed(await answers(listed, 1001))).toHaveLength(Object.keys(ADMIN_METHODS).length);
    expect(allowed(await answers(listed, 0))).toEqual([]);
    expect(allowed(await answers(new Map(), 1001))).toEqual([]);
  });

  it('are those of the socket where chancery.yaml lists no operators', async () => {
    expect(allowed(await answers(null, 4711))).toHaveLength(Object.keys(ADMIN_METHODS).length);
  });
});
