import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { MAX_BATCH, readIncoming, type Incoming } from '../../../src/protocol/envelope.js';

const sound = { jsonrpc: '2.0', id: 1, method: 'm' };

function rejection(text: string): { id: unknown; code: number; data: string } | null {
  const incoming = readIncoming(text);
  if (incoming.kind !== 'single' || !('error' in incoming.item)) return null;
  const { id, error } = incoming.item;
  return { id, code: error.code, data: error.data.code };
}

describe('envelopes', () => {
  it('reads a sound one; params may be absent', () => {
    expect(readIncoming(JSON.stringify(sound))).toEqual({
      kind: 'single',
      item: { id: 1, method: 'm', params: {} },
    });
  });

  it.each([
    ['nothing', ''],
    ['half a request', '{"jsonrpc":"2.0","id":1,'],
    ['two requests', `${JSON.stringify(sound)}${JSON.stringify(sound)}`],
    ['a trailing comma', '{"jsonrpc":"2.0","id":1,"method":"m",}'],
    ['NaN', '{"jsonrpc":"2.0","id":NaN,"method":"m"}'],
    ['a byte order mark', `\uFEFF${JSON.stringify(sound)}`],
    ['1,000 open arrays', '['.repeat(1000)],
  ])('refuses as no JSON: %s', (_case, text) => {
    expect(rejection(text)).toEqual({ id: null, code: -32_700, data: 'MALFORMED_REQUEST' });
  });

  it.each([
    ['null', null],
    ['a number', 7],
    ['a string', 'x'],
    ['no id: a notification', { jsonrpc: '2.0', method: 'm' }],
    ['id null', { ...sound, id: null }],
    ['id 1.5', { ...sound, id: 1.5 }],
    ['id above 2^53', { ...sound, id: 2 ** 53 }],
    ['an object as id', { ...sound, id: {} }],
    ['an id of 129 characters', { ...sound, id: 'x'.repeat(129) }],
    ['an empty batch', []],
    ['a batch of 65', Array(MAX_BATCH + 1).fill(sound)],
  ])('refuses without an id to answer under: %s', (_case, value) => {
    expect(rejection(JSON.stringify(value))).toEqual({ id: null, code: -32_600, data: 'MALFORMED_REQUEST' });
  });

  it.each([
    ['no version', { id: 1, method: 'm' }],
    ['version 1.0', { ...sound, jsonrpc: '1.0' }],
    ['version 2 as a number', { ...sound, jsonrpc: 2 }],
    ['no method', { jsonrpc: '2.0', id: 1 }],
    ['a method of 65 characters', { ...sound, method: 'm'.repeat(65) }],
    ['params by position', { ...sound, params: [1] }],
    ['params null', { ...sound, params: null }],
    ['params as text', { ...sound, params: 'x' }],
    ['a field nobody knows', { ...sound, auth: 'x' }],
  ])('refuses under the id it came with: %s', (_case, value) => {
    expect(rejection(JSON.stringify(value))).toEqual({ id: 1, code: -32_600, data: 'MALFORMED_REQUEST' });
  });

  it.each([
    ['5,000 nested arrays as params', `${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['half a megabyte of open arrays', '['.repeat(500_000)],
  ])('refuses %s unread', (_case, params) => {
    const text = `{"jsonrpc":"2.0","id":1,"method":"m","params":${params}`;
    expect(rejection(text)).toEqual({ id: null, code: -32_600, data: 'MALFORMED_REQUEST' });
  });

  it('takes __proto__ as the unknown field it is', () => {
    expect(rejection('{"jsonrpc":"2.0","id":1,"method":"m","__proto__":{"method":"x"}}')).toMatchObject({
      id: 1,
    });
    expect(rejection('{"__proto__":{"jsonrpc":"2.0","id":1,"method":"m"}}')).toMatchObject({ id: null });
  });

  it('judges each request of a batch by itself', () => {
    const incoming = readIncoming(JSON.stringify([sound, { id: 2 }, 3, [sound]]));
    expect(incoming.kind === 'batch' && incoming.items.map((item) => [item.id, 'error' in item])).toEqual([
      [1, false],
      [2, true],
      [null, true],
      [null, true],
    ]);
  });

  it('never throws, whatever the text', () => {
    const read = (text: string): Incoming => readIncoming(text);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.json({ maxDepth: 8 })), (text) => {
        expect(read(text)).toBeTypeOf('object');
      }),
    );
  });
});
