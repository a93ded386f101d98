import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { ChanceryError, type ErrorCode } from '../core/errors.js';
import type { SignRequest } from '../core/signer.js';
import { DispatchWindow } from './dispatch-window.js';
import { encodeSign, MAX_MESSAGE } from './frames.js';
import { HostProcess } from './host-process.js';
import type { HostEvent } from './host-protocol.js';
import type { KeyReport } from './key-report.js';
import { returnValueName } from './pkcs11/return-value.js';
import { RestartDelay } from './restart-delay.js';
import { SignQueue, type Waiting } from './sign-queue.js';
import { startRequest, type Started } from './start-host.js';
import { DEFAULT_TIMING, type TokenIdentity, type TokenOptions, type TokenTiming } from './token-options.js';
import type { Token, TokenState } from './token.js';

/** More than the transport lets in; a bound all the same. */
const MAX_WAITING = 10_000;

/** Failures of a restart that time may cure; the others need an operator. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['HSM_UNAVAILABLE', 'TOKEN_NOT_FOUND', 'FILE_UNREADABLE']);

/**
 * Starts the token's host, logs in, finds, judges and proves every key, and resolves to a signer for them.
 *
 * Rejects, with what to do as hint: FILE_UNREADABLE (module, PIN, latch), PERMISSION_UNSAFE (PIN file),
 * TOKEN_NOT_FOUND, TOKEN_MISMATCH, PIN_REFUSED (by the token, its flags, or our memory of it), KEY_NOT_FOUND,
 * KEY_AMBIGUOUS, KEY_UNTRUSTED, HSM_UNAVAILABLE. Afterwards a host that dies is started again; a restart that meets
 * one of the lasting errors latches the token.
 */
export async function startToken(options: TokenOptions): Promise<Token> {
  if (!Number.isInteger(options.sessions) || options.sessions < 2) {
    throw new ChanceryError('CONFIG_INVALID', `tokens.${options.name}.sessions must be at least 2`, {
      hint: 'one session keeps the login alive, another signs',
    });
  }
  const token = new SupervisedToken(options);
  await token.start();
  return token;
}

interface Request extends Waiting {
  readonly handle: number;
  readonly message: Uint8Array;
  readonly dispatch: () => void;
  readonly resolve: (signature: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

class SupervisedToken implements Token {
  readonly name: string;
  readonly #options: TokenOptions;
  readonly #timing: TokenTiming;
  readonly #handles: ReadonlyMap<string, number>;
  readonly #acceptedKey = randomBytes(32).toString('hex');
  readonly #delay: RestartDelay;
  readonly #queue = new SignQueue<Request>();
  /** In the order of dispatch, which is the order of the answers. */
  readonly #inFlight = new Map<number, Request>();
  #window = new DispatchWindow();
  #host: HostProcess | null = null;
  #started: Started | null = null;
  #state: TokenState = 'restarting';
  #trouble: string | null = 'the HSM host is being started';
  #nextId = 0;
  #answered = 0;
  /** When the host last made progress, or was given work while it had none. */
  #progressAt = 0;
  #readyAt = 0;
  #watchdog: NodeJS.Timeout | null = null;
  #expiry: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | null = null;

  constructor(options: TokenOptions) {
    this.name = options.name;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#delay = new RestartDelay(this.#timing);
    this.#handles = new Map(options.keys.map((key, index) => [key.id, index]));
  }

  get identity(): TokenIdentity {
    return this.#started?.identity ?? this.#options.pinned;
  }

  get moduleSha256(): string {
    return this.#started?.moduleSha256 ?? '';
  }

  get state(): TokenState {
    return this.#state;
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  get hostPid(): number | null {
    return this.#host?.pid ?? null;
  }

  get load(): { readonly waiting: number; readonly inFlight: number } {
    return { waiting: this.#queue.size, inFlight: this.#inFlight.size };
  }

  report(): readonly KeyReport[] {
    return this.#started?.reports ?? [];
  }

  sign(request: SignRequest): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const handle = this.#handles.get(request.key);
      const refused = this.#refusal(request, handle);
      if (refused !== null || handle === undefined) {
        reject(refused);
        return;
      }
      const { key, priority, message, dispatch } = request;
      this.#queue.add({
        key,
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

  #refusal({ key, message }: SignRequest, handle: number | undefined): ChanceryError | null {
    if (handle === undefined)
      return new ChanceryError('INTERNAL', `token ${this.name} was started without key ${key}`);
    if (message.length > MAX_MESSAGE)
      return new ChanceryError('INTERNAL', 'a message too long for the token');
    if (this.#state === 'latched' || this.#state === 'closed') return this.#unavailable();
    if (this.#queue.size < MAX_WAITING) return null;
    return new ChanceryError('OVERLOADED', `too many requests wait for token ${this.name}`, {
      hint: 'ask again later',
    });
  }

  #unavailable(): ChanceryError {
    return new ChanceryError(
      'HSM_UNAVAILABLE',
      `token ${this.name} does not sign: ${this.#trouble ?? 'unknown'}`,
      {
        hint:
          this.#state === 'latched'
            ? 'an operator must act: see the log and `chancery doctor`'
            : 'ask again later',
      },
    );
  }

  /** Hands requests to the host while the window has room. */
  #pump(): void {
    const host = this.#host;
    if (host === null || this.#state !== 'ready') return;
    while (this.#inFlight.size < this.#window.size) {
      const request = this.#queue.take();
      if (request === null) return;
      try {
        request.dispatch();
      } catch (error) {
        request.reject(error);
        continue;
      }
      if (this.#inFlight.size === 0) this.#progressAt = performance.now();
      const id = this.#nextId;
      this.#nextId = (id + 1) >>> 0;
      this.#inFlight.set(id, request);
      host.send(encodeSign(id, request.handle, request.message));
      this.#armWatchdog();
    }
  }

  /** The request that is due. The host answers in order: another id means that it and we disagree about requests. */
  #take(id: number): Request {
    const [next] = this.#inFlight;
    if (next?.[0] !== id) throw new TypeError('an answer out of order');
    this.#inFlight.delete(id);
    this.#answered += 1;
    return next[1];
  }

  async start(): Promise<void> {
    try {
      await this.#startHost();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Resolves when the host has answered the start command well; rejects with why not, and then no host is left. */
  #startHost(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { hostScript, environment } = this.#options;
      const { command, finish } = startRequest(
        this.#options,
        this.#acceptedKey,
        this.#started?.accepted ?? null,
      );
      let failed: unknown = null;
      const host = new HostProcess(hostScript, environment, {
        running: () => {
          host.command(command);
        },
        reply: (value) => {
          clearTimeout(timer);
          try {
            this.#begin(host, finish(value));
            resolve();
          } catch (error) {
            failed = error;
            void host.close();
          }
        },
        signature: (id, signature) => {
          this.#take(id).resolve(signature);
        },
        signFailed: (id, returnValue) => {
          const name = returnValue === 0 ? 'the HSM host failed' : returnValueName(returnValue);
          this.#take(id).reject(
            new ChanceryError('HSM_UNAVAILABLE', `token ${this.name} could not sign: ${name}`),
          );
        },
        event: (event) => {
          this.#hostEvent(event);
        },
        batch: () => {
          this.#progress();
        },
        ended: (reason) => {
          clearTimeout(timer);
          if (this.#host === host) this.#hostEnded(reason);
          reject(
            failed ??
              new ChanceryError('HSM_UNAVAILABLE', `the HSM host of token ${this.name} ended: ${reason}`),
          );
        },
      });
      const timer = setTimeout(() => {
        host.kill(`it did not start within ${String(this.#timing.start / 1000)} s`);
      }, this.#timing.start);
    });
  }

  #begin(host: HostProcess, started: Started): void {
    if (this.#state === 'closed') throw new ChanceryError('ABORTED', 'the token was closed while it started');
    if (this.#started !== null && this.#started.moduleSha256 !== started.moduleSha256) {
      throw new ChanceryError('TOKEN_MISMATCH', 'the PKCS#11 module has changed since the daemon started', {
        hint: 'start the daemon again, which records the new module in the ledger',
      });
    }
    this.#started = started;
    this.#host = host;
    this.#state = 'ready';
    this.#trouble = null;
    this.#readyAt = performance.now();
    this.#window = new DispatchWindow();
    this.#options.report({ type: 'host-started', token: this.name, pid: host.pid ?? 0 });
    this.#pump();
  }

  #hostEvent(event: Exclude<HostEvent, { type: 'running' }>): void {
    const token = this.name;
    switch (event.type) {
      case 'warning':
        this.#options.report({ type: 'warning', token, message: event.message });
        return;
      case 'recovered':
        this.#options.report({
          type: 'recovered',
          token,
          action: event.action,
          returnValue: event.returnValue,
        });
        return;
      case 'latched':
        this.#latch('PIN_REFUSED', event.message);
    }
  }

  #progress(): void {
    if (this.#answered > 0) {
      const now = performance.now();
      this.#window.served(now - this.#progressAt, this.#answered);
      this.#progressAt = now;
      this.#answered = 0;
    }
    this.#pump();
  }

  #hostEnded(reason: string): void {
    this.#host = null;
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = null;
    for (const request of lost) {
      const message = `the HSM host of token ${this.name} ended before it answered: ${reason}`;
      request.reject(
        new ChanceryError('HSM_UNAVAILABLE', message, { hint: 'ask again: the host is started afresh' }),
      );
    }
    if (this.#state === 'closed') return;
    this.#options.report({ type: 'host-ended', token: this.name, reason, inFlight: lost.length });
    if (this.#state === 'latched') return;
    this.#state = 'restarting';
    this.#trouble = `its host ended: ${reason}`;
    this.#restartLater();
  }

  #restartLater(): void {
    const { attempt, delayMs } = this.#delay.next(performance.now() - this.#readyAt);
    this.#options.report({ type: 'restarting', token: this.name, attempt, delayMs });
    this.#restart = setTimeout(() => {
      this.#startHost().catch((error: unknown) => {
        this.#restartFailed(error);
      });
    }, delayMs);
  }

  #restartFailed(error: unknown): void {
    if (this.#state !== 'restarting') return;
    const code = error instanceof ChanceryError ? error.code : 'INTERNAL';
    const message = error instanceof Error ? error.message : 'unknown';
    if (!PASSING.has(code)) {
      this.#latch(code, message);
      return;
    }
    this.#trouble = message;
    this.#options.report({ type: 'restart-failed', token: this.name, code, message });
    this.#readyAt = performance.now();
    this.#restartLater();
  }

  #latch(code: ErrorCode, message: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'latched';
    this.#trouble = message;
    this.#options.report({ type: 'latched', token: this.name, code, message });
    this.#failWaiting();
  }

  #failWaiting(): void {
    for (let request = this.#queue.take(); request !== null; request = this.#queue.take()) {
      request.reject(this.#unavailable());
    }
  }

  /** Asks again later instead of moving the timer at each answer. */
  #armWatchdog(): void {
    if (this.#watchdog !== null) return;
    const look = (): void => {
      this.#watchdog = null;
      if (this.#inFlight.size === 0) return;
      const left = this.#progressAt + this.#timing.watchdog - performance.now();
      if (left <= 0) this.#host?.kill(`no answer for ${String(this.#timing.watchdog)} ms`);
      else this.#watchdog = setTimeout(look, Math.ceil(left));
    };
    this.#watchdog = setTimeout(look, this.#timing.watchdog);
  }

  /** Fails what waits too long for its dispatch, also while there is no host. */
  #armExpiry(): void {
    if (this.#expiry !== null || this.#queue.size === 0) return;
    this.#expiry = setTimeout(
      () => {
        this.#expiry = null;
        for (const request of this.#queue.takeBefore(performance.now() - this.#timing.queue)) {
          const message = `the request waited more than ${String(this.#timing.queue)} ms for token ${this.name}`;
          request.reject(new ChanceryError('HSM_UNAVAILABLE', message, { hint: 'ask again later' }));
        }
        this.#armExpiry();
      },
      Math.max(10, this.#timing.queue / 20),
    );
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#trouble = 'the daemon is stopping';
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#failWaiting();
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    await this.#host?.close();
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
  }
}
