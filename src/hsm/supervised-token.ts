import { randomBytes } from 'node:crypto';
import { ChanceryError, codeOf, type ErrorCode } from '../core/errors.js';
import { pubkeyAt, toAddress, type Pubkey } from '../core/pubkey.js';
import type { SignRequest } from '../core/signer.js';
import { MAX_MESSAGE } from './frames.js';
import { HostCommands } from './host-commands.js';
import { HostProcess } from './host-process.js';
import { doneReplySchema, objectsReplySchema, type HostCommand, type HostEvent } from './host-protocol.js';
import { readReply } from './host-reply.js';
import type { KeyReport } from './key-report.js';
import { RestartDelay } from './restart-delay.js';
import { SignPipeline } from './sign-pipeline.js';
import { startRequest, type Started } from './start-host.js';
import { DEFAULT_TIMING, type TokenIdentity, type TokenOptions, type TokenTiming } from './token-options.js';
import type { Token, TokenState } from './token.js';

/** Failures of a restart that time may cure; the others need an operator. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['HSM_UNAVAILABLE', 'TOKEN_NOT_FOUND', 'FILE_UNREADABLE']);

/** A token whose host is watched, and started again when it ends. Use `startToken`. */
export class SupervisedToken implements Token {
  readonly name: string;
  readonly #options: TokenOptions;
  readonly #timing: TokenTiming;
  readonly #handles: ReadonlyMap<Pubkey, number>;
  readonly #acceptedKey = randomBytes(32).toString('hex');
  readonly #delay: RestartDelay;
  readonly #pipeline: SignPipeline;
  readonly #commands: HostCommands;
  /** The newest host, from its birth to its end. */
  #host: HostProcess | null = null;
  #started: Started | null = null;
  #state: TokenState = 'restarting';
  #trouble: string | null = 'the HSM host is being started';
  /** Why the host said it would end. */
  #ending: string | null = null;
  #readyAt = 0;
  /** While it restarts, what is asked from this moment on (performance.now) would most likely wait in vain. */
  #awayFrom = Infinity;
  #restart: NodeJS.Timeout | null = null;

  constructor(options: TokenOptions) {
    this.name = options.name;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#delay = new RestartDelay(this.#timing);
    this.#pipeline = new SignPipeline(options.name, this.#timing);
    this.#commands = new HostCommands(this.#timing.watchdog);
    this.#handles = new Map(options.keys.map((key, index) => [pubkeyAt(key.publicKey), index]));
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

  stops(): ChanceryError | null {
    const away = this.#state === 'restarting' ? performance.now() >= this.#awayFrom : this.#state !== 'ready';
    return away ? this.#unavailable() : null;
  }

  get hostPid(): number | null {
    return this.#host?.pid ?? null;
  }

  get load(): { readonly waiting: number; readonly inFlight: number } {
    return this.#pipeline.load;
  }

  report(): readonly KeyReport[] {
    return this.#started?.reports ?? [];
  }

  async sign(request: SignRequest): Promise<Uint8Array> {
    const { key, message } = request;
    const handle = this.#handles.get(key);
    if (handle === undefined) {
      throw new ChanceryError('INTERNAL', `token ${this.name} was started without key ${toAddress(key)}`);
    }
    if (message.length === 0 || message.length > MAX_MESSAGE) {
      throw new ChanceryError('INTERNAL', `a message of ${String(message.length)} bytes is not signed`);
    }
    if (this.#state === 'latched' || this.#state === 'closed') throw this.#unavailable();
    return this.#pipeline.sign(request, handle);
  }

  async readObjects(name: string): Promise<readonly Uint8Array[]> {
    const reply = await this.#ask({ command: 'readObjects', name });
    return readReply(objectsReplySchema, reply).values.map((value) => Buffer.from(value, 'hex'));
  }

  async replaceObjects(name: string, value: Uint8Array): Promise<void> {
    const hex = Buffer.from(value).toString('hex');
    readReply(doneReplySchema, await this.#ask({ command: 'replaceObjects', name, value: hex }));
  }

  #ask(command: HostCommand): Promise<unknown> {
    return this.#commands.ask(command, () => {
      if (this.#host === null || this.#state !== 'ready') throw this.#unavailable();
      return this.#host;
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

  /**
   * Starts a host; resolves when it has answered the start command well, rejects with why not, and then no host is
   * left. Called by `startToken` once, afterwards by the token itself.
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { hostScript, environment } = this.#options;
      const { command, finish } = startRequest(
        this.#options,
        this.#acceptedKey,
        this.#started?.accepted ?? null,
      );
      let failed: Error | null = null;
      let begun = false;
      const host = new HostProcess(hostScript, environment, {
        reply: (value) => {
          if (this.#commands.replied(value)) return;
          if (begun) throw new TypeError('a reply that nobody asked for');
          begun = true;
          clearTimeout(timer);
          try {
            this.#begin(host, finish(value));
            resolve();
          } catch (error) {
            failed = error instanceof Error ? error : new TypeError('the start failed');
            void host.close();
          }
        },
        signature: (id, signature) => {
          this.#pipeline.signature(id, signature);
        },
        signFailed: (id, returnValue) => {
          // A host whose login was refused in the middle of a request has no code of the signature to tell.
          if (this.#state === 'latched') this.#pipeline.refused(id, this.#unavailable());
          else this.#pipeline.signFailed(id, returnValue);
        },
        event: (event) => {
          this.#hostEvent(host, event);
        },
        batch: () => {
          this.#pipeline.batch();
        },
        killed: () => {
          this.#pipeline.pause();
        },
        ended: (reason) => {
          clearTimeout(timer);
          this.#commands.hostEnded(reason);
          this.#host = null;
          if (this.#state === 'ready' || this.#state === 'latched') this.#hostEnded(reason);
          reject(
            failed ??
              new ChanceryError('HSM_UNAVAILABLE', `the HSM host of token ${this.name} ended: ${reason}`),
          );
        },
      });
      this.#host = host;
      host.command(command);
      const timer = setTimeout(() => {
        host.kill(`it did not start within ${String(this.#timing.start / 1000)} s`);
      }, this.#timing.start);
    });
  }

  #begin(host: HostProcess, started: Started): void {
    if (this.#state === 'closed') throw new ChanceryError('ABORTED', 'the token was closed while it started');
    const known = this.#started?.moduleSha256 ?? this.#options.moduleSha256;
    if (known !== undefined && known !== started.moduleSha256) {
      throw new ChanceryError('TOKEN_MISMATCH', 'the PKCS#11 module has changed since the daemon started', {
        hint: 'start the daemon again, which records the new module in the ledger',
      });
    }
    this.#started = started;
    this.#state = 'ready';
    this.#trouble = null;
    this.#readyAt = performance.now();
    this.#options.report({ type: 'host-started', token: this.name, pid: host.pid ?? 0 });
    this.#pipeline.attach(host);
  }

  #hostEvent(host: HostProcess, event: Exclude<HostEvent, { type: 'running' }>): void {
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
      case 'ending':
        this.#ending = event.reason;
        this.#ends(host);
        return;
      case 'latched':
        this.#latch('PIN_REFUSED', event.message);
        this.#ends(host);
    }
  }

  /** It said so itself, but a module may keep its process from ending. */
  #ends(host: HostProcess): void {
    this.#pipeline.pause();
    void host.close();
  }

  #hostEnded(how: string): void {
    const reason = this.#ending ?? how;
    this.#ending = null;
    const inFlight = this.#pipeline.detach(reason);
    this.#options.report({ type: 'host-ended', token: this.name, reason, inFlight });
    if (this.#state === 'latched') return;
    this.#state = 'restarting';
    this.#trouble = `its host ended: ${reason}`;
    const now = performance.now();
    const pause = this.#restartLater(now - this.#readyAt);
    const { queue } = this.#timing;
    // A start that takes longer than a request may wait most likely hangs.
    this.#awayFrom = pause < queue ? now + pause + queue : now;
  }

  /** Returns the pause before the start, in ms. */
  #restartLater(upFor: number): number {
    const { attempt, delayMs } = this.#delay.next(upFor);
    this.#options.report({ type: 'restarting', token: this.name, attempt, delayMs });
    this.#restart = setTimeout(() => {
      this.start().catch((error: unknown) => {
        this.#restartFailed(error);
      });
    }, delayMs);
    return delayMs;
  }

  #restartFailed(error: unknown): void {
    if (this.#state !== 'restarting') return;
    const code = codeOf(error);
    const message = error instanceof Error ? error.message : 'unknown';
    if (!PASSING.has(code)) {
      this.#latch(code, message);
      return;
    }
    this.#trouble = message;
    this.#awayFrom = performance.now();
    this.#options.report({ type: 'restart-failed', token: this.name, code, message });
    this.#restartLater(0);
  }

  #latch(code: ErrorCode, message: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'latched';
    this.#trouble = message;
    this.#options.report({ type: 'latched', token: this.name, code, message });
    this.#pipeline.failWaiting(this.#unavailable());
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#trouble = 'the daemon is stopping';
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#pipeline.failWaiting(this.#unavailable());
    await this.#host?.close();
    this.#pipeline.detach('the daemon is stopping');
  }
}
