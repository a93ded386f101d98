import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Of this checkout, from test/ and from what the bench is compiled to. */
const BINARY = join(checkout(dirname(fileURLToPath(import.meta.url))), 'dist', 'cli', 'main.js');

function checkout(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : checkout(dirname(from));
}

export const WORKLOAD = 'spiffe://dev.chancery.local/agent';

/** Whom the daemon runs as, when not as the test. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** A capability it keeps, by setpriv's name. */
  readonly capability?: string;
}

function become({ uid, gid, groups, capability }: Identity): [string, ...string[]] {
  const kept = capability === undefined ? [] : [`--inh-caps=+${capability}`, `--ambient-caps=+${capability}`];
  const ids = [`--reuid=${String(uid)}`, `--regid=${String(gid)}`, `--groups=${groups.join(',')}`];
  return ['setpriv', ...ids, ...kept];
}

export interface Attested {
  readonly ttl?: string;
  readonly key?: string;
  readonly workload?: string;
}

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

  static async make(parent = tmpdir()): Promise<Site> {
    const site = new Site(await mkdtemp(join(parent, 'chancery-e2e-')));
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
  async start(preload?: string, environment: NodeJS.ProcessEnv = {}, as?: Identity): Promise<void> {
    const args = [
      ...(preload === undefined ? [] : ['--import', preload]),
      BINARY,
      'serve',
      '--config',
      this.config,
    ];
    const [program, ...before] = as === undefined ? [process.execPath] : [...become(as), process.execPath];
    const child = spawn(program, [...before, ...args], {
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

  /** Gives every file to a user, who from then on can be the daemon's. */
  async giveTo({ uid, gid }: Identity): Promise<void> {
    await run('chown', ['-R', `${String(uid)}:${String(gid)}`, this.directory]);
    // Others pass through to the socket and see nothing else.
    for (const directory of [this.#root, this.directory]) await chmod(directory, 0o711);
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

  /** The development Sovereign opens a key to a workload. */
  async attest({ ttl = '30m', key = 'trading-1', workload = WORKLOAD }: Attested = {}): Promise<void> {
    await this.#must(
      ...['attest', 'issue', '--config', this.config, '--workload', workload, '--key', key],
      ...['--ttl', ttl, '--identity', this.sovereignKey, '--submit'],
    );
  }

  /** Makes another key in the token, with the policy of trading-1; resolves with its public key. The daemon is stopped. */
  async addKey(label: string): Promise<string> {
    const made = await this.#must('keys', 'generate', '--config', this.config, '--label', label, '--json');
    const { publicKey } = JSON.parse(made) as { publicKey: string };
    await this.changePolicy((text) => {
      const entry = /^ {2}- id: trading-1\n(?: {4}.*\n)*/m.exec(text)?.[0] ?? '';
      const copy = entry.replaceAll('trading-1', label).replace(/publicKey: \w+/, `publicKey: ${publicKey}`);
      return text.replace(entry, entry + copy);
    });
    return publicKey;
  }

  /** Runs a command that must succeed; resolves with what it printed. */
  async #must(...args: readonly string[]): Promise<string> {
    const done = await this.chancery(...args);
    if (done.code !== 0) throw new Error(`${args.slice(0, 2).join(' ')} failed: ${done.stderr}`);
    return done.stdout;
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
    await this.signPolicy(edit);
    await this.#must('policy', 'submit', '--config', this.config);
  }

  /** The same, but for bringing it into force. */
  async signPolicy(edit: (text: string) => string): Promise<void> {
    const file = join(this.directory, 'policy.yaml');
    const before = await readFile(file, 'utf8');
    const serial = Number(/^serial: "?(\d+)/m.exec(before)?.[1]);
    const after = edit(before).replace(/^serial: "?\d+"?/m, `serial: ${String(serial + 1)}`);
    await writeFile(file, after);
    await this.#must('policy', 'sign', '--config', this.config, '--identity', this.sovereignKey);
  }

  /** Ends the daemon, removes everything. */
  async remove(): Promise<void> {
    if (this.#daemon !== null) await this.stop('SIGKILL');
    await rm(this.#root, { recursive: true, force: true });
  }
}
