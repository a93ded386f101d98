import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** An account as the VM holds it. */
export interface VmAccount {
  readonly lamports: bigint;
  readonly owner: Uint8Array;
  readonly data: Uint8Array;
}

export interface Scenario {
  /** State before the first step, set by force. */
  readonly accounts: readonly (VmAccount & { readonly address: Uint8Array; readonly executable?: boolean })[];
  /** Wire transactions, run in order; signatures are not checked. */
  readonly steps: readonly Uint8Array[];
  /** Accounts read back after each step. */
  readonly watch: readonly Uint8Array[];
  /** Programs to install again at another address. */
  readonly clones?: readonly { readonly from: Uint8Array; readonly to: Uint8Array }[];
  readonly logs?: boolean;
}

export interface StepResult {
  readonly ok: boolean;
  readonly error?: string;
  readonly units?: bigint;
  readonly logs?: readonly string[];
  readonly accounts: readonly (VmAccount | null)[];
}

interface Reply {
  readonly id: number;
  readonly results: readonly (readonly StepResult[])[];
  readonly accounts: readonly (VmAccount | null)[];
}

/** A Solana VM in a child process. A crash of the child rejects the request that was running. */
export class Vm {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #next = 0;

  constructor() {
    const script = fileURLToPath(new URL('solana-svm-child.mjs', import.meta.url));
    this.#child = fork(script, { serialization: 'advanced', execArgv: [] });
    this.#child.on('message', (reply: Reply) => {
      this.#waiting.get(reply.id)?.resolve(reply);
      this.#waiting.delete(reply.id);
    });
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`the VM process ended (${String(code ?? signal)})`));
      }
      this.#waiting.clear();
    });
  }

  async run(scenarios: readonly Scenario[], reset = false): Promise<Reply['results']> {
    return (await this.#request({ scenarios, reset })).results;
  }

  async get(addresses: readonly Uint8Array[]): Promise<Reply['accounts']> {
    return (await this.#request({ scenarios: [], get: addresses })).accounts;
  }

  #request(request: object): Promise<Reply> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ...request });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        resolve();
        return;
      }
      this.#child.once('exit', () => {
        resolve();
      });
      this.#child.disconnect();
    });
  }
}
