import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BINARY = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
export const WORKLOAD = 'spiffe://dev.chancery.local/agent';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A development set-up made by the real `chancery init` in a fresh directory. */
export class Site {
  readonly directory: string;
  readonly #root: string;
  #daemon: ChildProcess | null = null;
  #log = '';

  private constructor(root: string) {
    this.#root = root;
    this.directory = join(root, 'site');
  }

  static async make(): Promise<Site> {
    const site = new Site(await mkdtemp(join(tmpdir(), 'chancery-e2e-')));
    const made = await site.chancery('init', site.directory);
    if (made.code !== 0) throw new Error(`init failed: ${made.stderr}`);
    return site;
  }

  get config(): string {
    return join(this.directory, 'chancery.yaml');
  }

  get signerSocket(): string {
    return join(this.directory, 'run', 'signer.sock');
  }

  get adminSocket(): string {
    return join(this.directory, 'run', 'admin.sock');
  }

  get ledger(): string {
    return join(this.directory, 'ledger');
  }

  /** The development Sovereign's private key file. */
  get sovereignKey(): string {
    return join(this.directory, 'secrets', 'sovereign');
  }

  /** What the daemon wrote to standard error so far. */
  get log(): string {
    return this.#log;
  }

  get daemonPid(): number {
    const pid = this.#daemon?.pid;
    if (pid === undefined) throw new Error('the daemon does not run');
    return pid;
  }

  /** Whether a daemon was started and has not ended. */
  get running(): boolean {
    const child = this.#daemon;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** Runs the real binary to its end. */
  async chancery(...args: readonly string[]): Promise<CommandResult> {
    try {
      const { stdout, stderr } = await run(process.execPath, [BINARY, ...args], { maxBuffer: 64 << 20 });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const failed = error as { code?: number; stdout?: string; stderr?: string };
      if (typeof failed.code !== 'number') throw error;
      return { code: failed.code, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
    }
  }

  /** Starts `serve` and resolves when it says `ready`; `preload` is a module imported before the daemon. */
  async start(preload?: string, environment: NodeJS.ProcessEnv = {}): Promise<void> {
    const args = [
      ...(preload === undefined ? [] : ['--import', preload]),
      BINARY,
      'serve',
      '--config',
      this.config,
    ];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#daemon = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log += chunk.toString();
    });
    await new Promise<void>((resolve, reject) => {
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes('ready')) resolve();
      });
      child.once('exit', (code, signal) => {
        reject(new Error(`serve ended (${String(code ?? signal)}) before it was ready: ${this.#log}`));
      });
    });
  }

  /** Starts `serve`, which must end by itself with code 1: what it says on standard error from then on. */
  async refusal(environment: NodeJS.ProcessEnv = {}, preload?: string): Promise<string> {
    const said = this.#log.length;
    const started = await this.start(preload, environment).then(
      () => true,
      () => false,
    );
    if (started) throw new Error('serve started');
    const code = await this.ended();
    if (code !== 1) throw new Error(`serve ended with ${String(code)}: ${this.#log.slice(said)}`);
    return this.#log.slice(said);
  }

  /** Resolves with the exit code or the signal that ended it. */
  async ended(): Promise<number | string> {
    const child = this.#daemon;
    if (child === null) throw new Error('the daemon does not run');
    const result = await new Promise<number | string>((resolve) => {
      if (child.exitCode !== null) resolve(child.exitCode);
      else if (child.signalCode !== null) resolve(child.signalCode);
      else
        child.once('exit', (code, signal) => {
          resolve(code ?? signal ?? 'unknown');
        });
    });
    this.#daemon = null;
    return result;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    const ended = this.ended();
    this.#daemon?.kill(signal);
    return await ended;
  }

  async attest(ttl = '30m'): Promise<void> {
    const issued = await this.chancery(
      'attest',
      'issue',
      '--config',
      this.config,
      '--workload',
      WORKLOAD,
      '--key',
      'trading-1',
      '--ttl',
      ttl,
      '--identity',
      this.sovereignKey,
      '--submit',
    );
    if (issued.code !== 0) throw new Error(`attest issue failed: ${issued.stderr}`);
  }

  async unfreeze(hash: string): Promise<void> {
    const steps = ['unfreeze', hash, '--identity', this.sovereignKey, '--config', this.config];
    const lifted = await this.chancery(...steps);
    if (lifted.code !== 0) throw new Error(`unfreeze failed: ${lifted.stderr}`);
  }

  /** Edits chancery.yaml; for the next start. */
  async configure(edit: (text: string) => string): Promise<void> {
    await writeFile(this.config, edit(await readFile(this.config, 'utf8')));
  }

  /** Edits policy.yaml, raises its serial, has the Sovereign sign it and brings it into force. */
  async changePolicy(edit: (text: string) => string): Promise<void> {
    const file = join(this.directory, 'policy.yaml');
    const before = await readFile(file, 'utf8');
    const serial = Number(/^serial: "?(\d+)/m.exec(before)?.[1]);
    const after = edit(before).replace(/^serial: "?\d+"?/m, `serial: ${String(serial + 1)}`);
    await writeFile(file, after);
    for (const step of [
      ['policy', 'sign', '--config', this.config, '--identity', this.sovereignKey],
      ['policy', 'submit', '--config', this.config],
    ]) {
      const done = await this.chancery(...step);
      if (done.code !== 0) throw new Error(`${step.join(' ')} failed: ${done.stderr}`);
    }
  }

  /** Ends the daemon, removes everything. */
  async remove(): Promise<void> {
    if (this.#daemon !== null) await this.stop('SIGKILL');
    await rm(this.#root, { recursive: true, force: true });
  }
}
