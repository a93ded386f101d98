import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Keypair } from '@solana/web3.js';
import { Chain } from '../support/site/chain.js';
import { ledgerLines, ofType } from '../support/site/ledger-lines.js';
import { tradingKey } from '../support/site/signing.js';
import { Site } from '../support/site/site.js';
import { transfer } from '../support/site/transfer.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
const LAMPORTS = 2_000_000;
const OVER_THE_LIMIT = 600_000_000;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('examples, against the real daemon and a Solana VM', () => {
  let site: Site;
  let chain: Chain;
  let publicKey: string;

  beforeAll(async () => {
    [site, chain] = await Promise.all([Site.make(), Chain.start()]);
    await site.start();
    await site.attest();
    publicKey = (await tradingKey(site)).publicKey;
    await chain.airdrop(publicKey, 10_000_000_000);
  });

  afterAll(async () => {
    await Promise.all([site.remove(), chain.stop()]);
  });

  /** Runs an example as its first lines say, with the environment they name. */
  function run(command: string, args: readonly string[], input = ''): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, CHANCERY_SOCKET: site.signerSocket, RPC_URL: chain.url };
      const child = execFile(command, [...args], { env, cwd: EXAMPLES }, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(error ?? new Error(stderr));
      });
      child.stdin?.end(input);
    });
  }

  const fresh = (): string => Keypair.generate().publicKey.toBase58();

  it.each([
    ['@solana/kit', process.execPath, 'kit/agent.mjs'],
    ['@solana/web3.js', process.execPath, 'web3js/agent.mjs'],
    ['plain Python', 'python3', 'python/agent.py'],
  ])('%s: a transfer lands, one over the limit is refused with its figures', async (_name, command, file) => {
    const destination = fresh();
    const sent = await run(command, [file, destination, String(LAMPORTS)]);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(await chain.balance(destination)).toBe(LAMPORTS);
    const signatures = ofType(await ledgerLines(site.ledger), 'signature');
    expect(signatures.at(-1)?.signature).toBe(sent.stdout.trim());

    const refused = await run(command, [file, destination, String(OVER_THE_LIMIT)]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^SPEND_LIMIT_EXCEEDED .*"limit":\s*"500000000"/);
    expect(await chain.balance(destination)).toBe(LAMPORTS);
  });

  it('curl: signs and sends what it is given, and shows the refusal', async () => {
    const destination = fresh();
    const blockhash = await chain.blockhash();
    const wire = transfer(publicKey, BigInt(LAMPORTS), 0, destination, blockhash);
    const sent = await run('sh', ['curl/sign.sh', 'trading-1'], wire);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(await chain.balance(destination)).toBe(LAMPORTS);

    const tooMuch = transfer(publicKey, BigInt(OVER_THE_LIMIT), 0, destination, blockhash);
    const refused = await run('sh', ['curl/sign.sh', 'trading-1'], tooMuch);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { data: { code: 'SPEND_LIMIT_EXCEEDED' } } });
  });

  it('Anchor: a call of a declared program lands, one above its bound or undeclared is refused', async () => {
    const idl = join(EXAMPLES, 'anchor', 'journal.json');
    const bytes = await readFile(idl);
    const { address } = JSON.parse(bytes.toString()) as { address: string };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    // What the program is on this chain: the code of the memo program, which takes any text from its signers.
    await chain.call('cloneProgram', MEMO, address);

    const before = await run(process.execPath, ['anchor/agent.mjs', '7']);
    expect(before.code).toBe(1);
    expect(before.stderr).toMatch(/^OPAQUE_INSTRUCTION /);

    const declared = await readFile(join(EXAMPLES, 'anchor', 'policy.yaml'), 'utf8');
    expect(declared).toContain(sha256);
    await mkdir(join(site.directory, 'idl'), { recursive: true });
    await copyFile(idl, join(site.directory, 'idl', `${sha256}.json`));
    await site.changePolicy(
      (text) => `${text.replace(/^ {4}programs: \[/m, '    programs: [journal, ')}\n${declared}`,
    );

    const sent = await run(process.execPath, ['anchor/agent.mjs', '7']);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const logs = (await chain.call('getTransactionLogs', sent.stdout.trim())) as string[];
    expect(logs.join('\n')).toContain('record: \u0007');

    const tooMuch = await run(process.execPath, ['anchor/agent.mjs', '101']);
    expect(tooMuch.code).toBe(1);
    expect(tooMuch.stderr).toMatch(/^INSTRUCTION_NOT_ALLOWED .*at most 100 is allowed/);
  });
});
