import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChanceryError } from '../../../src/core/errors.js';
import { strictObject } from '../../../src/core/schema.js';
import { dispatcher } from '../../../src/protocol/dispatch.js';
import { method } from '../../../src/protocol/method.js';
import { SIGNER_METHODS } from '../../../src/protocol/signer-methods.js';

const table = {
  double: method({
    summary: 'twice',
    params: strictObject({ number: z.number().max(100) }),
    result: z.object({ twice: z.number() }),
  }),
  session: method({ summary: 's', websocketOnly: true, params: strictObject({}), result: z.null() }),
  absent: method({ summary: 'a', params: strictObject({}), result: z.null() }),
};

const route = dispatcher<typeof table, { readonly who: string }>(table, {
  double: ({ number }, { who }) => {
    if (number === 13) throw new ChanceryError('RATE_LIMITED', `not for ${who}`);
    return { twice: number * 2 };
  },
  session: () => null,
});

const ask = (name: string, params: unknown, transport: 'http' | 'websocket' = 'http'): Promise<unknown> =>
  route({ method: name, params, transport, context: { who: 'me' } });

describe('dispatch', () => {
  it('gives the handler checked params and its context', async () => {
    expect(await ask('double', { number: 4 })).toEqual({ twice: 8 });
    await expect(ask('double', { number: 13 })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: 'not for me',
    });
  });

  it('names the nearest method', async () => {
    await expect(ask('dubble', {})).rejects.toMatchObject({
      code: 'UNKNOWN_METHOD',
      hint: 'did you mean double?',
    });
  });

  it.each(['absent', 'toString', 'constructor', '__proto__', ''])('does not serve %j', async (name) => {
    await expect(ask(name, {})).rejects.toMatchObject({ code: 'UNKNOWN_METHOD' });
  });

  it.each([
    [{ number: '4' }, /number/],
    [{}, /number/],
    [{ number: 4, nmber: 5 }, /"nmber" \(did you mean number\?\)/],
    [JSON.parse('{"number":4,"__proto__":{"a":1}}') as unknown, /__proto__/],
  ])('refuses params %j and names the field', async (params, message) => {
    const error: unknown = await ask('double', params).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'MALFORMED_REQUEST' });
    expect((error as Error).message).toMatch(message);
  });

  it('refuses by HTTP what lasts for a connection', async () => {
    expect(await ask('session', {}, 'websocket')).toBeNull();
    await expect(ask('session', {})).rejects.toMatchObject({ code: 'MALFORMED_REQUEST' });
  });
});

describe('signer methods', () => {
  const signer = dispatcher<typeof SIGNER_METHODS, null>(SIGNER_METHODS, {
    signTransaction: () => {
      throw new Error('must not be reached');
    },
    signTransactions: () => [],
  });
  const sign = (name: string, params: unknown): Promise<unknown> =>
    signer({ method: name, params, transport: 'http', context: null });

  it.each([
    ['signTransaction', { key: '', transaction: 'AA==' }],
    ['signTransaction', { key: 'k'.repeat(65), transaction: 'AA==' }],
    ['signTransaction', { key: 'k', transaction: '' }],
    ['signTransaction', { key: 'k', transaction: 'A'.repeat(8193) }],
    ['signTransaction', { key: 'k', transaction: 'AA==', message: 'AA==' }],
    ['signTransactions', { key: 'k', transactions: [] }],
    ['signTransactions', { key: 'k', transactions: Array<string>(65).fill('AA==') }],
  ])('bounds the params of %s', async (name, params) => {
    await expect(sign(name, params)).rejects.toMatchObject({ code: 'MALFORMED_REQUEST' });
  });

  it('never repeats what the caller sent in full', async () => {
    const error: unknown = await sign('signTransaction', { ['k'.repeat(5000)]: 1 }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message.length).toBeLessThan(400);
  });
});
