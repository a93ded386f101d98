import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A Solana chain of one VM, spoken to as to any RPC. */
export class Chain {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = `http://127.0.0.1:${String(port)}`;
  }

  static async start(): Promise<Chain> {
    const script = fileURLToPath(new URL('chain-child.mjs', import.meta.url));
    const child = fork(script, { execArgv: [] });
    const [port] = (await once(child, 'message')) as [number];
    return new Chain(child, port);
  }

  async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const answer = (await response.json()) as { result?: unknown; error?: unknown };
    if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error));
    return answer.result;
  }

  async airdrop(address: string, lamports: number): Promise<void> {
    await this.call('requestAirdrop', address, lamports);
  }

  async balance(address: string): Promise<number> {
    return ((await this.call('getBalance', address)) as { value: number }).value;
  }

  async blockhash(): Promise<string> {
    return ((await this.call('getLatestBlockhash')) as { value: { blockhash: string } }).value.blockhash;
  }

  /** Runs a wire transaction (base64); rejects when the VM does. */
  async send(transaction: string): Promise<string> {
    return (await this.call('sendTransaction', transaction, { encoding: 'base64' })) as string;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}
