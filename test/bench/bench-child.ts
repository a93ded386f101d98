import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoopRequest, LoopResult } from './loop.js';

/** How a process differs from the bench itself. */
export interface ChildOptions {
  readonly uid?: number;
  readonly gid?: number;
  /** Options of node. */
  readonly execArgv?: string[];
}

/** A measured loop in a process of its own, so that its work is on nobody else's account. */
export class BenchChild {
  readonly #child: ChildProcess;

  /** `module` is a file beside this one, without its ending. */
  constructor(
    module: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    options: ChildOptions = {},
  ) {
    const path = fileURLToPath(new URL(`./${module}.js`, import.meta.url));
    this.#child = fork(path, args, { env: { ...process.env, ...environment }, stdio: 'inherit', ...options });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('a bench process did not start');
    return pid;
  }

  /** Resolves with the first message: a server says that it listens. */
  async ready(): Promise<void> {
    await new Promise((resolve) => this.#child.once('message', resolve));
  }

  /** Runs the loop for a while and resolves with what it counted. */
  run(request: LoopRequest): Promise<LoopResult> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => {
        reject(new Error(`a bench process ended with ${String(code)}`));
      };
      this.#child.once('exit', ended);
      this.#child.once('message', (result) => {
        this.#child.off('exit', ended);
        resolve(result as LoopResult);
      });
      this.#child.send(request);
    });
  }

  /** Resolves when the process is gone. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
  }
}
