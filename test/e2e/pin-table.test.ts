import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/core/pubkey.js';
import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import { FakeRpc } from '../support/fake-rpc.js';
import { accountValue, tableData } from '../support/lookup-table.js';
import { addressOf, policyBytes, pubkeyOf } from '../support/policy-text.js';
import { encodeMessage, u64, wire } from '../support/solana-build.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const BINARY = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const TABLE = addressOf('table');
const BOB = addressOf('bob');
const CONTENTS = [addressOf('carol'), BOB];

let directory: string;
let policy: string;
let endpoints: readonly FakeRpc[];

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function chancery(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BINARY, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const pin = (...args: readonly string[]): Promise<Result> =>
  chancery('policy', 'pin-table', policy, '--table', TABLE, ...args);
const both = (): string[] => endpoints.flatMap(({ url }) => ['--rpc', url]);

/** A transfer whose receiver, bob, stands in the table and not in the message. */
async function explainTransfer(): Promise<Result> {
  const message = encodeMessage({
    version: 0,
    accounts: [pubkeyOf('trading-1'), PROGRAM_IDS.system],
    signatures: 1,
    readonlyUnsigned: 1,
    lookups: [{ table: parseAddress(TABLE)!, writable: [1], readonly: [] }],
    instructions: [
      { program: 1, accounts: [0, 2], data: Buffer.concat([Buffer.of(2, 0, 0, 0), u64(1000n)]) },
    ],
  });
  const file = join(directory, 'transfer.b64');
  await writeFile(file, wire(0, message, 1).toString('base64'));
  return chancery('explain', '--offline', '--policy', policy, '--key', 'trading-1', '--transaction', file);
}

beforeEach(async () => {
  directory = temporaryDirectory();
  policy = join(directory, 'policy.yaml');
  await writeFile(policy, Buffer.concat([Buffer.from('# mine\n'), policyBytes()]));
  endpoints = [await FakeRpc.start(), await FakeRpc.start()];
  for (const rpc of endpoints) rpc.value = accountValue(tableData({ addresses: CONTENTS }));
});
afterEach(async () => {
  await Promise.all(endpoints.map((rpc) => rpc.stop()));
});

describe('policy pin-table', () => {
  it('lets a transfer through whose receiver was unresolved before', async () => {
    const refused = await explainTransfer();
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('UNRESOLVED_LOOKUP');

    const pinned = await pin(...both());
    expect({ code: pinned.code, stderr: pinned.stderr }).toEqual({ code: 0, stderr: '' });
    expect(pinned.stdout).toContain('wrote 2 addresses');
    expect(pinned.stdout).toContain('it never changes again');
    expect(pinned.stdout).toContain('chancery policy sign');

    const allowed = await explainTransfer();
    expect(allowed.stdout).not.toContain('UNRESOLVED_LOOKUP');
    expect(allowed.code).toBe(0);
    const text = await readFile(policy, 'utf8');
    expect(text.startsWith('# mine\n')).toBe(true);
    const again = await pin(...both());
    expect(again.stdout).toContain('the same as is pinned already');
    expect(await readFile(policy, 'utf8')).toBe(text);
  });

  it('prints a block to paste, and reads an account from a file', async () => {
    const file = join(directory, 'table.json');
    await writeFile(file, JSON.stringify({ pubkey: TABLE, account: endpoints[0]!.value }));
    const before = await readFile(policy, 'utf8');
    const { code, stdout } = await pin('--from', file, '--print');
    expect(code).toBe(0);
    expect(stdout).toContain(`tables:\n  ${TABLE}:\n    - ${CONTENTS[0]!}\n    - ${BOB}\n`);
    expect(await readFile(policy, 'utf8')).toBe(before);
  });

  it('takes no file that says it is of another table', async () => {
    const file = join(directory, 'table.json');
    const before = await readFile(policy, 'utf8');
    await writeFile(file, JSON.stringify({ pubkey: BOB, account: endpoints[0]!.value }));
    const { code, stderr } = await pin('--from', file);
    expect(code).toBe(1);
    expect(stderr).toContain(`not ${TABLE}`);
    expect(await readFile(policy, 'utf8')).toBe(before);
  });

  it('writes nothing when endpoints disagree, or only one is asked', async () => {
    const before = await readFile(policy, 'utf8');
    endpoints[1]!.value = accountValue(tableData({ addresses: [BOB, BOB] }));
    const { code, stderr } = await pin(...both());
    expect(code).toBe(1);
    expect(stderr).toContain('error: RESPONSE_INVALID: ');
    expect(stderr).toContain('do not agree');
    expect(stderr).not.toContain('s3cret');
    for (const args of [['--rpc', endpoints[0]!.url], [...both(), '--from', 'x'], []]) {
      expect((await pin(...args)).code).toBe(2);
    }
    const twice = ['--rpc', endpoints[0]!.url, '--rpc', endpoints[0]!.url];
    expect((await pin(...twice)).stderr).toContain('one endpoint could say anything');
    const plain = await pin('--rpc', 'http://rpc.example', '--rpc', endpoints[0]!.url);
    expect(plain.stderr).toContain('error: USAGE: plain http');
    expect(await readFile(policy, 'utf8')).toBe(before);
  });

  it('takes the URL of an endpoint from a file', async () => {
    const file = join(directory, 'rpc.url');
    await writeFile(file, `${endpoints[1]!.url}\n`, { mode: 0o600 });
    expect((await pin('--rpc', endpoints[0]!.url, '--rpc', `@${file}`)).code).toBe(0);
    expect(endpoints[1]!.asked).toHaveLength(1);
  });
});
