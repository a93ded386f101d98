import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let project: string;

/** What an agent's project has besides Node: @solana/web3.js under the name of either version here. */
const LIBRARIES = [
  ['1.98', '@solana/web3.js'],
  ['1.99', 'web3js-1.99'],
] as const;

/**
 * A project of somebody else's, with this package in its node_modules. A copy, not a link to this checkout: the
 * adapters must find the libraries that the project has, not ours.
 */
function makeProject(web3js: string): string {
  const made = mkdtempSync(join(tmpdir(), 'chancery-consumer-'));
  const modules = join(made, 'node_modules');
  const link = (name: string, to = name): void => {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', to), join(modules, name));
  };
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of [...Object.keys(manifest.dependencies), '@solana/kit', '@types']) link(name);
  link('@solana/web3.js', web3js);
  mkdirSync(join(modules, 'chancery'));
  for (const part of ['dist', 'package.json']) {
    cpSync(join(ROOT, part), join(modules, 'chancery', part), { recursive: true });
  }
  return made;
}

function run(name: string, source: string): string {
  writeFileSync(join(project, name), source);
  return execFileSync(process.execPath, [name], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Ends by printing the code of a refused connection, which shows that the library runs and not only loads. */
const BODY = `
  const wallet = new ChanceryWallet({ key: 'k', publicKey: '11111111111111111111111111111111' });
  connect({ socket: '/nonexistent.sock' }).catch((error) => {
    console.log(error instanceof ChanceryError, error.code, typeof kitSigner, wallet.publicKey instanceof PublicKey);
  });`;

describe.each(LIBRARIES)('the package, in a project with @solana/web3.js %s', (version, web3js) => {
  beforeAll(() => {
    project = makeProject(web3js);
  });
  afterAll(() => {
    rmSync(project, { recursive: true, force: true });
  });

  it('meets the version it says', () => {
    expect(run('version.cjs', `console.log(require('@solana/web3.js/package.json').version)`)).toContain(
      version,
    );
  });

  it('works from an ES module', () => {
    const source = `
      import { connect, ChanceryError } from 'chancery/client';
      import { kitSigner } from 'chancery/kit';
      import { ChanceryWallet } from 'chancery/web3js';
      import { PublicKey } from '@solana/web3.js';${BODY}`;
    expect(run('agent.mjs', source)).toBe('true DAEMON_UNREACHABLE function true\n');
  });

  it('works from CommonJS', () => {
    const source = `
      const { connect, ChanceryError } = require('chancery/client');
      const { kitSigner } = require('chancery/kit');
      const { ChanceryWallet } = require('chancery/web3js');
      const { PublicKey } = require('@solana/web3.js');${BODY}`;
    expect(run('agent.cjs', source)).toBe('true DAEMON_UNREACHABLE function true\n');
  });

  it('loads no native module of ours into an agent', () => {
    const source = `
      require('chancery/client');
      const loaded = Object.keys(require.cache);
      // ws takes these two accelerators when the agent's own tree happens to have them.
      const native = loaded.filter((path) => path.endsWith('.node') && !/bufferutil|utf-8-validate/.test(path));
      console.log(native.length, loaded.some((path) => /koffi|pkcs11js/.test(path)));`;
    expect(run('loaded.cjs', source)).toBe('0 false\n');
  });

  it('opens nothing but what it exports', () => {
    expect(() => run('inside.cjs', `require('chancery/dist/client/connection.js')`)).toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  it('has types for both, as TypeScript resolves them in Node', () => {
    const use = `
      export async function sign(transaction: Uint8Array): Promise<string> {
        const client: Client = await connect({ socket: 's', expect: { 'trading-1': 'x' } });
        const { signature, limits } = await client.signTransaction({ key: 'trading-1', transaction });
        const remaining: string | undefined = limits[0]?.remaining;
        const wallet = new ChanceryWallet({ client, key: 'trading-1', publicKey: 'x' });
        const both: [VersionedTransaction, Transaction] = await Promise.all([
          wallet.signTransaction(VersionedTransaction.deserialize(transaction)),
          wallet.signTransaction(new Transaction()),
        ]);
        const key: PublicKey = wallet.publicKey;
        return kitSigner({ client, key: 'k', publicKey: 'x' }).address + signature + String(remaining) + key.toBase58() + String(both.length);
      }
      // @ts-expect-error -- a key id is required
      export const wrong = (client: Client) => client.signTransaction({ transaction: '' });`;
    writeFileSync(
      join(project, 'agent.mts'),
      `import { connect, type Client } from 'chancery/client';
       import { kitSigner } from 'chancery/kit';
       import { ChanceryWallet } from 'chancery/web3js';
       import { Transaction, VersionedTransaction, type PublicKey } from '@solana/web3.js';${use}`,
    );
    writeFileSync(
      join(project, 'agent.cts'),
      `import { connect, type Client } from 'chancery/client';
       import { kitSigner } from 'chancery/kit';
       import { ChanceryWallet } from 'chancery/web3js';
       import { Transaction, VersionedTransaction, type PublicKey } from '@solana/web3.js';${use}`,
    );
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    };
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['agent.mts', 'agent.cts'] }),
    );
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(() => execFileSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })).not.toThrow();
  });
});

describe('the package', () => {
  it('is packed as publint wants it', async () => {
    const { messages } = await publint({ pkgDir: ROOT, level: 'suggestion', strict: true, pack: false });
    const pkg = { name: 'chancery' };
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });
});
