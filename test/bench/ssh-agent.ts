import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An ssh-agent in the foreground with one Ed25519 key. */
export class SshAgent {
  readonly socket: string;
  readonly #child: ChildProcess;

  private constructor(socket: string, child: ChildProcess) {
    this.socket = socket;
    this.#child = child;
  }

  static async start(directory: string): Promise<SshAgent> {
    const socket = join(directory, 'agent.sock');
    const key = join(directory, 'agent-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    for (let waited = 0; !existsSync(socket); waited++) {
      if (waited > 100) throw new Error('ssh-agent made no socket');
      await sleep(20);
    }
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
    return new SshAgent(socket, child);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('ssh-agent did not start');
    return pid;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    await new Promise((resolve) => {
      this.#child.once('exit', resolve);
      this.#child.kill('SIGKILL');
    });
  }
}
