import { describe, expect, it } from 'vitest';
import { MAX_POLICY_BYTES, parsePolicy } from '../../../src/policy/parse-policy.js';
import {
  addressOf,
  ledgerKeyText,
  policyBytes,
  policyObject,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';

function refusal(bytes: string | Uint8Array): string {
  const error = thrown(() => parsePolicy(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
  expect(error.code).toBe('POLICY_INVALID');
  return error.message;
}

/** The same with each of its parts replaced by something of another kind, one at a time. */
function variants(value: Yaml): Yaml[] {
  const others: Yaml[] = ['', [], ['x'], {}, { x: 'y' }];
  if (typeof value !== 'object') return others;
  const list = value instanceof Array;
  const inside = Object.entries(value).flatMap(([name, part]) =>
    variants(part as Yaml).map((other): object => Object.assign({}, value, { [name]: other })),
  );
  return [...others, ...inside.map((parts) => (list ? Object.values(parts) : parts) as Yaml)];
}

const good = policyBytes().toString();

describe('a hostile policy file', () => {
  it('is bounded in size before it is read', () => {
    expect(refusal(Buffer.alloc(MAX_POLICY_BYTES + 1, 0x20))).toContain('at most 4194304 are read');
  });

  it.each([
    ['flow lists without end', '['.repeat(100_000)],
    ['closed flow lists', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['flow maps', '{a: '.repeat(20_000)],
    ['block lists on one line', '- '.repeat(50_000)],
    ['explicit keys on one line', '? '.repeat(50_000)],
    ['maps on one line', 'a: '.repeat(50_000)],
    [
      'block maps, a level a line',
      Array.from({ length: 2000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
    ],
    [
      'block lists, a level a line',
      Array.from({ length: 2000 }, (_, level) => `${' '.repeat(level)}-`).join('\n'),
    ],
  ])('nested deeply (%s) is refused before it is composed', (_what, text) => {
    expect(refusal(text)).toMatch(/nested|second value/);
  });

  it('of aliases that multiply is refused at the first of them', () => {
    const levels = Array.from({ length: 9 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x]'
        : `a${String(level)}: &a${String(level)} [*a${String(level - 1)}, *a${String(level - 1)}]`,
    );
    expect(refusal(levels.join('\n'))).toBe('line 1: anchors are not read');
    expect(refusal('a: *b')).toBe('line 1: aliases are not read');
  });

  it.each([
    ['a tag', good.replace('serial: 1', 'serial: !!int 1'), /tags are not read/],
    ['a tag of its own', good.replace('serial: 1', 'serial: !money 1'), /tags are not read/],
    ['a directive', `%YAML 1.1\n---\n${good}`, /directives are not read/],
    ['a second document', `${good}---\n${good}`, /more than one document/],
    ['a document after an end', `${good}...\n${good}`, /more than one document/],
    ['a merge key', good.replace('serial: 1', 'serial: 1\n<<: {serial: 2}'), /not a key: "<<"/],
    ['a key twice', good.replace('serial: 1', 'serial: 1\nserial: 2'), /the key serial stands twice/],
    ['a key twice, once quoted', good.replace('serial: 1', 'serial: 1\n"serial": 2'), /stands twice/],
    ['a list as a key', `? [a]\n: b\n${good}`, /string/i],
    ['a byte order mark', `\ufeff${good}`, /byte order mark/],
    ['UTF-16', Buffer.from(good, 'utf16le'), /./],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from(good), Buffer.of(0xff)]), /not valid UTF-8/],
    ['nothing', '', /the file is empty/],
    ['a comment only', '# nothing', /the file is empty/],
    ['a text', 'hello', /expected a map with version, signer/],
    ['a list', '- a', /expected a map with version, signer/],
    ['a tab for indentation', good.replace('  epoch', '\tepoch'), /./],
  ])('%s', (_what, text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('says what is expected wherever something of another kind stands, and what is there in no words of a schema', () => {
    const whole = policyObject({
      anchors: [{ kind: 'witness', witnesses: 'x' }],
      tables: { [addressOf('table')]: [addressOf('a')] },
      rent: { tokenAccount: '0.002 SOL' },
      keys: [
        walletText({
          hours: { zone: 'America/New_York', days: 'mon-fri', from: '09:30', to: '16:00' },
          rate: { max: 5, window: '1m' },
          deny: { accounts: [addressOf('a')] },
          memo: { startsWith: 'x' },
          coSigners: [addressOf('a')],
        }),
      ],
      programs: {
        swap: {
          id: addressOf('swap'),
          idl: { format: 'anchor', sha256: '0'.repeat(64) },
          instructions: [
            {
              name: 'swap',
              key: ['payer'],
              fixed: { mint: addressOf('mint') },
              spends: [{ source: 'a', amount: { argument: 'b' } }],
            },
          ],
        },
      },
    }) as unknown as Yaml;
    const places = variants(whole);
    expect(places.length).toBeGreaterThan(200);
    for (const bytes of places) {
      let message = '';
      try {
        parsePolicy(Buffer.from(JSON.stringify(bytes)));
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toMatch(/received|record|expected (string|object|array)|undefined/);
    }
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'with the key %s is refused, and changes no prototype',
    (name) => {
      expect(refusal(`${good}${name}: {polluted: yes}\n`)).toMatch(/not a key|unknown key/);
      expect(refusal(good.replace('USDC:', `${name}:`))).not.toBe('');
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it('a token called constructor is a token like any other', () => {
    const text = good.replace('main:', 'constructor:').replaceAll('token: main', 'token: constructor');
    expect(parsePolicy(Buffer.from(text)).tokens.get('constructor')?.label).toBe('demo');
    expect(refusal(good.replaceAll('token: main', 'token: constructor'))).toContain('no token constructor');
  });

  it.each([
    ['a Cyrillic letter in a key id', { id: 'tr\u0430ding-1' }],
    ['a full-width digit in a key id', { id: 'trading-\uff11' }],
    ['a zero-width space in a key id', { id: 'trading\u200b-1' }],
    ['a line break in a key id', { id: 'trading\n1' }],
    ['a Cyrillic letter in an address', { destinations: [addressOf('bob').slice(0, -1) + '\u0430'] }],
    ['letters base58 has not', { destinations: ['0OIl'.repeat(10)] }],
    ['another script for digits', { limits: [{ asset: 'SOL', window: '1h', max: '\u0661 SOL' }] }],
    ['a no-break space in an amount', { limits: [{ asset: 'SOL', window: '1h', max: '1\u00a0SOL' }] }],
    ['a look-alike unit', { limits: [{ asset: 'SOL', window: '1h', max: '1 S\u041eL' }] }],
    ['a space before an address', { destinations: [` ${addressOf('bob')}`] }],
    ['hexadecimal digits', { rate: { max: '0x10', window: '1m' } }],
    ['an exponent', { rate: { max: '1e3', window: '1m' } }],
    ['a plus sign', { rate: { max: '+1', window: '1m' } }],
    ['yes for any', { destinations: 'yes' }],
    ['a null', { destinations: '~' }],
  ])('%s', (_what, changes) => {
    const bytes = policyBytes({ keys: [walletText(changes), ledgerKeyText()] });
    expect(refusal(bytes)).toContain('keys[0]');
  });

  it.each([
    ['a right-to-left mark', 'a\u202eb', 'U+202E'],
    ['a control character', 'a\u001b[2J', 'U+001B'],
  ])('%s in a label', (_what, label, code) => {
    const bytes = policyBytes({ keys: [walletText({ object: { label } }), ledgerKeyText()] });
    expect(refusal(bytes)).toMatch(new RegExp(`line \\d+: the character ${code.replace('+', '\\+')}`));
  });

  it('never repeats its own control characters in the refusal', () => {
    const bytes = policyBytes({ keys: [walletText({ programs: ['\u001b[31mred'] }), ledgerKeyText()] });
    expect(refusal(bytes)).not.toContain('\u001b');
    expect(refusal('"\\e[31m": x')).not.toContain('\u001b');
    expect(refusal('a: b\n"x\u009by": 1')).not.toContain('\u009b');
  });

  it('of ten thousand unknown keys is read, and one of them named', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `k${String(index)}: x`).join('\n');
    expect(refusal(`${good}${many}`)).toContain('unknown key "k0" and 9999 more');
  });
});
