import { ChanceryError } from '../core/errors.js';
import type { HostCommand } from './host-protocol.js';

/** Who is commanded; one life of a host. */
export interface CommandedHost {
  command(command: HostCommand): void;
  /** Ends a host that hangs; `hostEnded` follows when it is gone. */
  kill(reason: string): void;
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Commands to the hosts of one token: one at a time, since a reply does not say which command it answers. */
export class HostCommands {
  readonly #watchdogMs: number;
  #last: Promise<unknown> = Promise.resolve();
  #asked: Asked | null = null;

  /** A host that has not answered after so many milliseconds is killed. */
  constructor(watchdogMs: number) {
    this.#watchdogMs = watchdogMs;
  }

  /**
   * The reply, not yet checked. `host` gives the host when the command's turn has come; what it throws is rejected.
   * Rejects with HSM_UNAVAILABLE when the host ends before it has answered.
   */
  ask(command: HostCommand, host: () => CommandedHost): Promise<unknown> {
    const answer = this.#last.then(() => this.#askNow(command, host()));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  #askNow(command: HostCommand, host: CommandedHost): Promise<unknown> {
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#asked = { resolve, reject };
      host.command(command);
    });
    const timer = setTimeout(() => {
      host.kill(`no answer to ${command.command} within ${String(this.#watchdogMs / 1000)} s`);
    }, this.#watchdogMs);
    return answer.finally(() => {
      clearTimeout(timer);
    });
  }

  /** False when nobody has asked. */
  replied(value: unknown): boolean {
    if (this.#asked === null) return false;
    this.#asked.resolve(value);
    this.#asked = null;
    return true;
  }

  hostEnded(reason: string): void {
    this.#asked?.reject(hostEnded(reason));
    this.#asked = null;
  }
}

/** What a host that is gone has not answered. */
export function hostEnded(reason: string): ChanceryError {
  return new ChanceryError('HSM_UNAVAILABLE', `the HSM host ended: ${reason}`);
}
