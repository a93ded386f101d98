import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openRpcText } from '../../../src/protocol/openrpc.js';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

interface Method {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly required: boolean }[];
  readonly result: { readonly schema: Schema };
}

/** What callers of a method have to send and may send, and what a result must hold. */
interface Contract {
  readonly mustSend: readonly string[];
  readonly maySend: readonly string[];
  readonly mustHold: readonly string[];
}

const FILE = new URL(`../../golden/protocol-${PROTOCOL_VERSION.split('.')[0] ?? ''}.0.json`, import.meta.url);

function required(schema: Schema, path: string): string[] {
  const { properties = {}, items, anyOf = [] } = schema;
  return [
    ...(schema.required ?? []).flatMap((name) => [
      `${path}.${name}`,
      ...required(properties[name] ?? {}, `${path}.${name}`),
    ]),
    ...(items === undefined ? [] : required(items, `${path}[]`)),
    ...anyOf.flatMap((each, index) => required(each, `${path}|${String(index)}`)),
  ];
}

function contracts(): Readonly<Record<string, Contract>> {
  const { methods } = JSON.parse(openRpcText()) as { methods: readonly Method[] };
  return Object.fromEntries(
    methods.map(({ name, params, result }) => [
      name,
      {
        mustSend: params.filter((param) => param.required).map((param) => param.name),
        maySend: params.map((param) => param.name),
        mustHold: required(result.schema, 'result'),
      },
    ]),
  );
}

describe('a minor version', () => {
  const first = (): Readonly<Record<string, Contract>> => {
    if (process.env['WRITE_GOLDEN'] === '1') writeFileSync(FILE, `${JSON.stringify(contracts(), null, 2)}\n`);
    return JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, Contract>>;
  };

  it('removes no method, demands no param that the first did not, and takes all that it took', () => {
    const now = contracts();
    for (const [name, { mustSend, maySend }] of Object.entries(first())) {
      expect(mustSend).toEqual(expect.arrayContaining([...(now[name]?.mustSend ?? ['a method'])]));
      expect(now[name]?.maySend).toEqual(expect.arrayContaining([...maySend]));
    }
  });

  it('demands nothing of a result that a daemon of the first would not send', () => {
    const now = contracts();
    for (const [name, { mustHold }] of Object.entries(first())) {
      expect(mustHold).toEqual(expect.arrayContaining([...(now[name]?.mustHold ?? [])]));
    }
  });
});
