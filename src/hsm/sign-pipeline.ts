import { ChanceryError } from '../core/errors.js';
import type { SignRequest } from '../core/signer.js';
import { DispatchWindow } from './dispatch-window.js';
import { encodeSign } from './frames.js';
import { returnValueName } from './pkcs11/return-value.js';
import { SignQueue, type Waiting } from './sign-queue.js';
import type { TokenTiming } from './token-options.js';

/** More than the transport lets in; a bound all the same. */
const MAX_WAITING = 10_000;
/** A timer that comes so late says of this process that it stood still, and nothing of the host. */
const LATE_MS = 1000;

/** Where requests go; one life of a host. */
export interface SignHost {
  send(frame: Buffer): void;
  /** Ends a host that hangs; `detach` follows when it is gone. */
  kill(reason: string): void;
}

interface Request extends Waiting {
  readonly handle: number;
  readonly message: Uint8Array;
  readonly dispatch: () => void;
  readonly resolve: (signature: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Requests on their way to a token: those that wait, those a host has, and the two clocks over them. A request
 * waits at most `timing.queue` for its dispatch, host or no host; a host that has work and gives no answer for
 * `timing.watchdog` is killed.
 */
export class SignPipeline {
  readonly #token: string;
  readonly #timing: Pick<TokenTiming, 'queue' | 'watchdog'>;
  readonly #waiting = new SignQueue<Request>();
  /** By id, in the order of dispatch, which is the order of the answers. */
  readonly #inFlight = new Map<number, Request>();
  #window = new DispatchWindow();
  /** Null while nothing is dispatched. */
  #host: SignHost | null = null;
  #nextId = 0;
  /** Answers since `batch` was last called. */
  #answered = 0;
  /** When the host last made progress, or was given work while it had none. */
  #progressAt = 0;
  #watchdog: NodeJS.Timeout | null = null;
  #expiry: NodeJS.Timeout | null = null;

  constructor(token: string, timing: Pick<TokenTiming, 'queue' | 'watchdog'>) {
    this.#token = token;
    this.#timing = timing;
  }

  get load(): { readonly waiting: number; readonly inFlight: number } {
    return { waiting: this.#waiting.size, inFlight: this.#inFlight.size };
  }

  /** `handle`: the key's position in the host's list. */
  sign({ key, workload, priority, message, dispatch }: SignRequest, handle: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= MAX_WAITING) {
        reject(
          new ChanceryError('OVERLOADED', `too many requests wait for token ${this.#token}`, {
            hint: 'ask again later',
          }),
        );
        return;
      }
      this.#waiting.add({
        key,
        workload,
        priority,
        message,
        dispatch,
        handle,
        resolve,
        reject,
        since: performance.now(),
      });
      this.#pump();
      this.#armExpiry();
    });
  }

  attach(host: SignHost): void {
    this.#host = host;
    this.#window = new DispatchWindow();
    this.#pump();
  }

  /** The host takes nothing more, but may still answer what it has. */
  pause(): void {
    this.#host = null;
  }

  /** The host is gone: fails what it had, and returns how many that were. What waits goes on waiting. */
  detach(reason: string): number {
    this.#host = null;
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#answered = 0;
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = null;
    const message = `the HSM host of token ${this.#token} ended before it answered: ${reason}`;
    for (const request of lost) {
      request.reject(
        new ChanceryError('HSM_UNAVAILABLE', message, { hint: 'ask again: the host is started afresh' }),
      );
    }
    return lost.length;
  }

  failWaiting(error: ChanceryError): void {
    for (let request = this.#waiting.take(); request !== null; request = this.#waiting.take())
      request.reject(error);
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = null;
  }

  /** Throws TypeError when the host answers what it was not asked. */
  signature(id: number, signature: Uint8Array): void {
    this.#take(id).resolve(signature);
  }

  /** `returnValue`: the CK_RV. Throws TypeError as `signature` does. */
  signFailed(id: number, returnValue: number): void {
    const message = `token ${this.#token} could not sign: ${returnValueName(returnValue)}`;
    this.refused(id, new ChanceryError('HSM_UNAVAILABLE', message));
  }

  /** Not for the sake of the signature, but as `error` says. Throws TypeError as `signature` does. */
  refused(id: number, error: ChanceryError): void {
    this.#take(id).reject(error);
  }

  /** Call after each batch of answers. */
  batch(): void {
    if (this.#answered > 0) {
      const now = performance.now();
      this.#window.served(now - this.#progressAt, this.#answered);
      this.#progressAt = now;
      this.#answered = 0;
    }
    this.#pump();
  }

  /** The host answers in order: another id means that it and we disagree about which answer is whose. */
  #take(id: number): Request {
    const [next] = this.#inFlight;
    if (next?.[0] !== id) throw new TypeError('an answer out of order');
    this.#inFlight.delete(id);
    this.#answered += 1;
    return next[1];
  }

  /** Hands requests to the host while the window has room. */
  #pump(): void {
    while (this.#host !== null && this.#inFlight.size < this.#window.size) {
      const request = this.#waiting.take();
      if (request === null) return;
      try {
        request.dispatch();
      } catch (error) {
        request.reject(error instanceof Error ? error : new TypeError('dispatch threw no error'));
        continue;
      }
      if (this.#inFlight.size === 0) this.#progressAt = performance.now();
      const id = this.#nextId;
      this.#nextId = (id + 1) >>> 0;
      this.#inFlight.set(id, request);
      this.#host.send(encodeSign(id, request.handle, request.message));
      this.#armWatchdog();
    }
  }

  /** Looks again later instead of moving the timer at each answer. */
  #armWatchdog(): void {
    if (this.#watchdog !== null) return;
    const lookAfter = (ms: number): void => {
      const due = performance.now() + ms;
      this.#watchdog = setTimeout(() => {
        this.#watchdog = null;
        if (this.#inFlight.size === 0) return;
        const now = performance.now();
        // It was we who stood still (SIGSTOP, a paused machine, a long turn): what came meanwhile is not read yet.
        if (now - due > LATE_MS) this.#progressAt = now;
        const left = this.#progressAt + this.#timing.watchdog - now;
        if (left > 0) lookAfter(Math.ceil(left));
        else this.#host?.kill(`no answer for ${String(this.#timing.watchdog)} ms`);
      }, ms);
    };
    lookAfter(this.#timing.watchdog);
  }

  #armExpiry(): void {
    if (this.#expiry !== null || this.#waiting.size === 0) return;
    const { queue } = this.#timing;
    this.#expiry = setTimeout(
      () => {
        this.#expiry = null;
        const message = `the request waited more than ${String(queue)} ms for token ${this.#token}`;
        for (const request of this.#waiting.takeBefore(performance.now() - queue)) {
          request.reject(new ChanceryError('HSM_UNAVAILABLE', message, { hint: 'ask again later' }));
        }
        this.#armExpiry();
      },
      Math.max(10, queue / 20),
    );
  }
}
