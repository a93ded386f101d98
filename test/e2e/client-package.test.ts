import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let project: string;

/** A project of somebody else's, with this package in its node_modules. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'chancery-consumer-'));
  mkdirSync(join(project, 'node_modules', '@solana'), { recursive: true });
  symlinkSync(ROOT, join(project, 'node_modules', 'chancery'));
  for (const name of ['@solana/kit', '@solana/web3.js', '@types']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
});
afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

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
  connect({ socket: '/nonexistent.sock' }).catch((error) => {
    console.log(error instanceof ChanceryError, error.code, typeof kitSigner, typeof ChanceryWallet);
  });`;

describe('the package', () => {
  it('works from an ES module', () => {
    const source = `
      import { connect, ChanceryError } from 'chancery/client';
      import { kitSigner } from 'chancery/kit';
      import { ChanceryWallet } from 'chancery/web3js';${BODY}`;
    expect(run('agent.mjs', source)).toBe('true DAEMON_UNREACHABLE function function\n');
  });

  it('works from CommonJS', () => {
    const source = `
      const { connect, ChanceryError } = require('chancery/client');
      const { kitSigner } = require('chancery/kit');
      const { ChanceryWallet } = require('chancery/web3js');${BODY}`;
    expect(run('agent.cjs', source)).toBe('true DAEMON_UNREACHABLE function function\n');
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
        new ChanceryWallet({ client, key: 'trading-1', publicKey: 'x' }).publicKey.toBase58();
        return kitSigner({ client, key: 'k', publicKey: 'x' }).address + signature + String(remaining);
      }
      // @ts-expect-error -- a key id is required
      export const wrong = (client: Client) => client.signTransaction({ transaction: '' });`;
    writeFileSync(
      join(project, 'agent.mts'),
      `import { connect, type Client } from 'chancery/client';
       import { kitSigner } from 'chancery/kit';
       import { ChanceryWallet } from 'chancery/web3js';${use}`,
    );
    writeFileSync(
      join(project, 'agent.cts'),
      `import { connect, type Client } from 'chancery/client';
       import { kitSigner } from 'chancery/kit';
       import { ChanceryWallet } from 'chancery/web3js';${use}`,
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

  it('is packed as publint wants it', async () => {
    const { messages } = await publint({ pkgDir: ROOT, level: 'suggestion', strict: true, pack: false });
    const pkg = { name: 'chancery' };
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });
});
