import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transfer } from '../support/site/transfer.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

interface Block {
  /** The file a comment before it names, or null. */
  readonly file: string | null;
  readonly language: string;
  readonly text: string;
}

function blocks(markdown: string): Block[] {
  const found = markdown.matchAll(/(?:<!-- (\S+) -->\n\n)?```(\w+)\n(.*?)```\n/gs);
  return [...found].map(([, file, language = '', text = '']) => ({ file: file ?? null, language, text }));
}

describe('docs/agents.md', () => {
  let all: Block[];
  let directory: string;
  let daemon: ChildProcess | null = null;

  beforeAll(async () => {
    all = blocks(await readFile(join(ROOT, 'docs', 'agents.md'), 'utf8'));
    directory = await mkdtemp(join(tmpdir(), 'chancery-guide-'));
    await mkdir(join(directory, 'bin'));
    const chancery = join(directory, 'bin', 'chancery');
    await writeFile(chancery, `#!/bin/sh\nexec '${process.execPath}' '${ROOT}dist/cli/main.js' "$@"\n`);
    await chmod(chancery, 0o755);
  });

  afterAll(async () => {
    if (daemon?.exitCode === null) {
      const gone = once(daemon, 'exit');
      daemon.kill();
      await gone;
    }
    await rm(directory, { recursive: true, force: true });
  });

  it('prints the examples as they stand', async () => {
    const printed = all.filter(({ file }) => file !== null);
    expect(printed.map(({ file }) => file)).toEqual([
      'examples/kit/agent.mjs',
      'examples/web3js/agent.mjs',
      'examples/anchor/agent.mjs',
      'examples/anchor/policy.yaml',
      'examples/curl/sign.sh',
      'examples/python/agent.py',
    ]);
    for (const { file, text } of printed) expect(text).toBe(await readFile(join(ROOT, file ?? ''), 'utf8'));
  });

  it('its commands do what it says, as they are written', async () => {
    const [terminal, attest, list, explain] = all
      .filter(({ file, language }) => file === null && language === 'sh')
      .map(({ text }) => text);
    const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${directory}/bin:${process.env['PATH'] ?? ''}` };
    const shell = (text: string) => run('sh', ['-ec', text], { cwd: directory, env });

    const [init = '', serve = ''] = (terminal ?? '').trim().split('\n');
    await shell(init);
    daemon = spawn('sh', ['-c', `exec ${serve}`], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(daemon.stdout!, 'data')) as [Buffer];
    expect(said.toString()).toBe('ready\n');

    await shell(attest ?? '');
    const listed = JSON.parse((await shell(list ?? '')).stdout) as {
      result: { id: string; publicKey: string; attestation: { expiresAt: string } | null }[];
    };
    expect(listed.result).toMatchObject([{ id: 'trading-1' }]);
    expect(listed.result[0]?.attestation).not.toBeNull();

    env['CHANCERY_SOCKET'] = join(directory, 'demo', 'run', 'signer.sock');
    await writeFile(join(directory, 'transfer.b64'), transfer(listed.result[0]?.publicKey ?? '', 1000n, 1));
    const { stdout } = await shell(explain ?? '');
    const [online = '', offline = ''] = stdout.split(/(?=^ALLOWED)/m);
    expect(online).toMatch(/^ALLOWED: trading-1 would sign this\n/);
    expect(online).toContain('0.000001 SOL (1000 lamports) from trading-1 to ');
    expect(offline).toContain('taken for granted\n  - every window is empty');
  });
});
