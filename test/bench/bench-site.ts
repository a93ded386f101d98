import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPayload } from '../../src/sovereign/build-payload.js';
import { BINARY } from './as-daemon.js';
import { rpc } from '../support/site/rpc.js';
import { STRANGER } from '../support/site/transfer.js';
import { childrenOf } from './process-usage.js';

const WORKLOAD = 'spiffe://dev.chancery.local/agent';

/** A development set-up with the real daemon, its limits out of the way of a bench. */
export class BenchSite {
  readonly module = '/usr/lib/softhsm/libsofthsm2.so';
  readonly key = 'trading-1';
  readonly destination = STRANGER;
  readonly directory: string;
  readonly address: string;
  readonly daemonPid: number;
  readonly hostPid: number;
  readonly #daemon: ChildProcess;

  private constructor(directory: string, address: string, daemon: ChildProcess) {
    this.directory = directory;
    this.address = address;
    this.#daemon = daemon;
    this.daemonPid = daemon.pid ?? Number.NaN;
    const [host] = childrenOf(this.daemonPid);
    if (host === undefined) throw new Error('the daemon has no HSM host');
    this.hostPid = host;
  }

  /** `binary`: the built `cli/main.js` to run, of this checkout unless said. */
  static async make(directory: string, binary = BINARY): Promise<BenchSite> {
    const chancery = (...args: readonly string[]): void => {
      execFileSync(process.execPath, [binary, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    };
    chancery('init', directory, '--name', 'bench');
    const daemon = await serve(directory, binary);
    try {
      await widen(directory);
      const workload = ['--workload', WORKLOAD, '--key', 'trading-1', '--ttl', '1h'];
      const by = ['--identity', join(directory, 'secrets', 'sovereign'), '--submit'];
      chancery('attest', 'issue', '--config', join(directory, 'chancery.yaml'), ...workload, ...by);
      const address = /id: trading-1[\s\S]*?publicKey: (\w+)/.exec(readPolicy(directory))?.[1] ?? '';
      return new BenchSite(directory, address, daemon);
    } catch (error) {
      daemon.kill('SIGKILL');
      throw error;
    }
  }

  get softhsmConf(): string {
    return join(this.directory, 'softhsm2.conf');
  }

  get configFile(): string {
    return join(this.directory, 'chancery.yaml');
  }

  get pinFile(): string {
    return join(this.directory, 'secrets', 'pin');
  }

  get tokenLabel(): string {
    return 'bench';
  }

  get socket(): string {
    return join(this.directory, 'run', 'signer.sock');
  }

  get ledger(): string {
    return join(this.directory, 'ledger');
  }

  async close(): Promise<void> {
    if (this.#daemon.exitCode !== null || this.#daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#daemon.once('exit', resolve));
    this.#daemon.kill('SIGTERM');
    const late = setTimeout(() => this.#daemon.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  }
}

function readPolicy(directory: string): string {
  return readFileSync(join(directory, 'policy.yaml'), 'utf8');
}

async function serve(directory: string, binary: string): Promise<ChildProcess> {
  const log = openSync(join(directory, 'daemon.log'), 'w');
  // By its first line, which bounds the heap and its pauses.
  const daemon = spawn(binary, ['serve', '--config', join(directory, 'chancery.yaml')], {
    stdio: ['ignore', 'pipe', log],
  });
  await new Promise<void>((resolve, reject) => {
    daemon.stdout?.once('data', () => {
      resolve();
    });
    daemon.once('exit', (code) => {
      reject(new Error(`serve ended with ${String(code)}; see ${join(directory, 'daemon.log')}`));
    });
  });
  return daemon;
}

/** A policy under which a bench never meets a limit: the limits are asked and counted all the same. */
async function widen(directory: string): Promise<void> {
  const before = readPolicy(directory);
  const text = before
    .replace('serial: 1', 'serial: 2')
    .replace('max: "2 SOL" }', 'max: "9000000000 SOL" }')
    .replace('    fee:', '    rate: { max: 999999999, window: 1m }\n    fee:');
  const signer = /^signer: (\S+)$/m.exec(text)?.[1] ?? '';
  const payload = buildPayload('policy', {
    signer,
    id: randomBytes(16).toString('hex'),
    epoch: 1,
    issuedAt: new Date().toISOString(),
    serial: 2,
    previous: sha256(before),
    sha256: sha256(text),
  });
  const work = join(directory, 'widen');
  mkdirSync(work);
  const file = join(work, 'policy.json');
  writeFileSync(file, payload);
  const key = join(directory, 'secrets', 'sovereign');
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'policy@chancery', '-f', key, file], {
    stdio: 'ignore',
  });
  const authority = /- \{ id: (\S+), ssh:/.exec(text)?.[1] ?? '';
  const signature = { authority, scheme: 'sshsig', signature: readFileSync(`${file}.sig`, 'utf8') };
  const answer = await rpc(join(directory, 'run', 'admin.sock'), 'submitStatement', {
    statement: { payload: Buffer.from(payload).toString('base64'), signatures: [signature] },
    blobs: [Buffer.from(text).toString('base64')],
  });
  if (!answer.ok) throw new Error(`the bench's policy was refused: ${answer.error.message}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
