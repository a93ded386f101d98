import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../src/net/endpoint.js';
import { post } from '../../../src/net/post.js';
import { fetchAccount, readAccount } from '../../../src/net/rpc-account.js';
import { FakeRpc } from '../../support/fake-rpc.js';
import { accountValue, tableData } from '../../support/lookup-table.js';
import { addressOf, USDC_MINT } from '../../support/policy-text.js';
import { rejected } from '../../support/rejected.js';
import { thrown } from '../../support/thrown.js';

const TABLE = addressOf('table');
const DATA = tableData({ addresses: [USDC_MINT] });

describe('an endpoint', () => {
  it.each([
    ['https://rpc.example/v1?key=abc', 'https://rpc.example'],
    ['http://127.0.0.1:8899', 'http://127.0.0.1:8899'],
    ['http://[::1]:8899/', 'http://[::1]:8899'],
    ['http://localhost:8899', 'http://localhost:8899'],
  ])('%s may be asked, and is shown as %s', (text, name) => {
    expect(parseEndpoint(text).name).toBe(name);
  });

  it.each([
    ['http://rpc.example', 'plain http'],
    ['http://10.0.0.1:8899', 'plain http'],
    ['http://127.0.0.1.example', 'plain http'],
    ['http://localhost.example', 'plain http'],
    ['http://[::2]:8899', 'plain http'],
    ['ftp://127.0.0.1', 'an https URL'],
    ['file:///etc/passwd', 'an https URL'],
    ['rpc.example', 'an https URL'],
    ['https://user:word@rpc.example', 'a user or a password'],
  ])('%s may not', (text, why) => {
    const error = thrown(() => parseEndpoint(text));
    expect(error.code).toBe('USAGE');
    expect(error.message).toContain(why);
    expect(error.message).not.toContain('word@');
  });
});

describe('getAccountInfo', () => {
  let rpc: FakeRpc;
  beforeEach(async () => {
    rpc = await FakeRpc.start();
    rpc.value = accountValue(DATA);
  });
  afterEach(() => rpc.stop());
  const ask = () => fetchAccount(parseEndpoint(rpc.url), TABLE);

  it('gives owner, data and slot of what is finalized', async () => {
    const account = await ask();
    expect(account.slot).toBe(100);
    expect(Buffer.from(account.data).equals(DATA)).toBe(true);
    expect(rpc.asked).toMatchObject([
      { method: 'getAccountInfo', params: [TABLE, { encoding: 'base64', commitment: 'finalized' }] },
    ]);
  });

  it.each<[string, (rpc: FakeRpc) => void, string, string]>([
    ['no account', (rpc) => (rpc.value = null), 'RESPONSE_INVALID', 'no such account'],
    [
      'a program',
      (rpc) => (rpc.value = { ...accountValue(DATA), executable: true }),
      'RESPONSE_INVALID',
      'no account in base64',
    ],
    [
      'another encoding',
      (rpc) => (rpc.value = { ...accountValue(DATA), data: ['x', 'base58'] }),
      'RESPONSE_INVALID',
      'no account in base64',
    ],
    [
      'base64 that is none',
      (rpc) => (rpc.value = { ...accountValue(DATA), data: ['A===', 'base64'] }),
      'RESPONSE_INVALID',
      'cannot be read',
    ],
    ['no JSON', (rpc) => (rpc.answer = (to) => to.end('<html>')), 'RESPONSE_INVALID', 'no JSON'],
    [
      'an answer to another question',
      (rpc) =>
        (rpc.answer = (to) =>
          to.end(JSON.stringify({ id: 'x', result: { context: { slot: 1 }, value: accountValue(DATA) } }))),
      'RESPONSE_INVALID',
      'no account',
    ],
    ['status 429', (rpc) => (rpc.answer = (to) => to.writeHead(429).end('{}')), 'RESPONSE_INVALID', '429'],
    [
      'a huge answer',
      (rpc) => (rpc.answer = (to) => to.end(Buffer.alloc(1 << 20, 32))),
      'RESPONSE_INVALID',
      'answers too much',
    ],
    [
      'a redirect',
      (rpc) => {
        const elsewhere = rpc.url;
        rpc.answer = (to) => to.writeHead(307, { location: elsewhere }).end();
      },
      'TIMEOUT',
      'points elsewhere',
    ],
  ])('refuses %s, and never shows the key of the endpoint', async (_name, say, code, why) => {
    say(rpc);
    const error = await rejected(ask());
    expect(error.code).toBe(code);
    expect(error.message).toContain(why);
    expect(`${error.message} ${error.hint ?? ''}`).not.toContain('s3cret');
  });

  it('gives up on a body that never ends', async () => {
    rpc.answer = (to) => to.writeHead(200).write('{');
    const slow = { url: rpc.url, who: 'it', body: '{}', maxBytes: 100, timeout: 50 };
    const error = await rejected(post(slow));
    expect(error.code).toBe('TIMEOUT');
  });
});

describe('a file', () => {
  it('may hold what `solana account --output json` prints', () => {
    const text = JSON.stringify({ pubkey: TABLE, account: accountValue(DATA) });
    const account = readAccount(text, 'table.json');
    expect(account.slot).toBeNull();
    expect(Buffer.from(account.data).equals(DATA)).toBe(true);
  });
  it('or the answer to anybody’s question', () => {
    const result = { context: { slot: 7 }, value: accountValue(DATA) };
    expect(readAccount(JSON.stringify({ jsonrpc: '2.0', id: 1, result }), 'table.json').slot).toBe(7);
  });
});
