import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RpcError } from './rpc.js';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Answer {
  readonly result?: unknown;
  readonly error?: RpcError & { readonly data: { readonly hint?: string } };
  /** The code of the system's error, when there was no answer. */
  readonly failed?: string;
}

/** Whether tests can run programs as another user: only root can become one, and that user must reach Node. */
export function canBecomeOthers(): boolean {
  return process.getuid?.() === 0 && readableByAll(process.execPath);
}

/** Whether any user may read a file, as far as its mode and those of the directories above it say. */
export function readableByAll(path: string): boolean {
  accessSync(path, constants.R_OK);
  if ((statSync(path).mode & 0o004) === 0) return false;
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if ((statSync(directory).mode & 0o001) === 0) return false;
    if (directory === '/') return true;
  }
}

/** Programs that run as other users, and where they lie. */
export class OtherUsers {
  readonly #directory = mkdtempSync(join(tmpdir(), 'chancery-user-'));
  readonly #script = join(this.#directory, 'agent-child.mjs');

  constructor() {
    chmodSync(this.#directory, 0o755);
    copyFileSync(fileURLToPath(new URL('agent-child.mjs', import.meta.url)), this.#script);
    chmodSync(this.#script, 0o644);
  }

  /** Sends JSON-RPC texts one after the other, over one connection when the daemon allows. */
  async call(user: User, socket: string, ...texts: readonly string[]): Promise<Answer[]> {
    const child = this.#spawn(user, [socket, 'call']);
    let out = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stdin?.end(texts.map((text) => `${text}\n`).join(''));
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`the agent of uid ${String(user.uid)} ended with ${String(code)}`);
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Answer);
  }

  /** Opens connections and keeps them until `release`; `kept` is how many the daemon took. */
  async hold(
    user: User,
    socket: string,
    count: number,
  ): Promise<{ kept: number; release: () => Promise<void> }> {
    const child = this.#spawn(user, [socket, 'hold', String(count)]);
    const [said] = (await once(child.stdout!, 'data')) as [Buffer];
    return {
      kept: Number(said.toString()),
      release: async () => {
        const gone = once(child, 'exit');
        child.stdin?.end();
        await gone;
      },
    };
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #spawn({ uid, gid }: User, args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [this.#script, ...args], {
      uid,
      gid,
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }
}
