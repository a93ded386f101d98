import { ChanceryError } from '../core/errors.js';
import type { Method, MethodTable, ParamsInput, ResultOf } from '../protocol/method.js';
import { givenCallOptions, givenSignal } from './arguments.js';
import { backoff } from './backoff.js';
import { Connection, type Notified } from './connection.js';

const DEFAULT_TIMEOUT_MS = 10_000;
/** What a timer of Node can wait; more would end at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export interface SessionOptions {
  /** Path of the Unix socket. */
  readonly socket: string;
  /** For each request, connecting again included, in milliseconds; 10 s when absent. */
  readonly timeout?: number | undefined;
  /** Ends the session when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Runs on each new connection before any request; what it throws fails the requests that wait. */
  readonly prepare?: (connection: Connection) => Promise<void>;
  readonly notified?: Notified;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

/**
 * Requests to one daemon over a connection that is opened again when it ends. A request that was under way when it
 * ended is not sent again by itself (whether to is the caller's to say): it rejects with DAEMON_UNREACHABLE. One that
 * finds no connection waits for the next, within its own timeout.
 */
export class RpcSession<Table extends MethodTable> {
  readonly #table: Table;
  readonly #options: SessionOptions;
  readonly #timeout: number;
  #connection: Connection | null = null;
  #dialling: Promise<Connection> | null = null;
  /** Why there is no connection, while requests wait for one. */
  #refused: ChanceryError | null = null;
  /** Ends every wait when the session is closed. */
  readonly #waits = new Set<(error: ChanceryError) => void>();
  #closed: ChanceryError | null = null;
  readonly #ended = new AbortController();

  private constructor(table: Table, options: SessionOptions) {
    this.#table = table;
    this.#options = options;
    this.#timeout = milliseconds(options.timeout ?? DEFAULT_TIMEOUT_MS);
  }

  /** Connects once; an unreachable daemon is an error at once. Rejects as `Connection.open`, or with ABORTED. */
  static async open<Table extends MethodTable>(
    table: Table,
    options: SessionOptions,
  ): Promise<RpcSession<Table>> {
    const session = new RpcSession(table, options);
    const signal = givenSignal(options.signal);
    if (signal?.aborted === true) throw aborted(signal);
    // Only while the session is open: a signal that outlives it would keep it, and every other that was opened with it.
    signal?.addEventListener(
      'abort',
      () => {
        session.#end(aborted(signal));
      },
      { once: true, signal: session.#ended.signal },
    );
    try {
      await session.#within({}, async () => {
        session.#connection = await session.#connect();
      });
    } catch (error) {
      // What is still opening must not stay open behind the caller's back.
      session.close();
      throw error;
    }
    return session;
  }

  /**
   * One request. Rejects with the daemon's error, DAEMON_UNREACHABLE, TIMEOUT, ABORTED, or RESPONSE_INVALID when
   * the result is not what the protocol says. A request that timed out may still be signed.
   */
  async call<Name extends keyof Table & string>(
    name: Name,
    params: ParamsInput<Table[Name]>,
    options: CallOptions = {},
  ): Promise<ResultOf<Table[Name]>> {
    const method: Table[Name] = this.#table[name];
    const result = await this.#within(options, async (waiting) => {
      const connection = await this.#ready();
      // Given up while no daemon was there: sent now, it would be signed and counted for nobody.
      if (!waiting()) throw new ChanceryError('ABORTED', 'nobody waits for the request');
      return connection.request(name, params);
    });
    return readResult(method, name, result);
  }

  /** Ends the session: requests under way reject with ABORTED. */
  close(): void {
    this.#end(new ChanceryError('ABORTED', 'the session was closed'));
  }

  #end(error: ChanceryError): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    this.#ended.abort();
    for (const stop of [...this.#waits]) stop(error);
    this.#connection?.close();
    this.#connection = null;
  }

  /** Runs `work` until it settles, its time is over, or somebody aborts; it may ask whether it is still waited for. */
  #within<T>(options: CallOptions, work: (waiting: () => boolean) => Promise<T>): Promise<T> {
    const signal = givenSignal(givenCallOptions(options).signal);
    const timeout = options.timeout === undefined ? this.#timeout : milliseconds(options.timeout);
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) {
        reject(this.#closed);
        return;
      }
      if (signal?.aborted === true) {
        reject(aborted(signal));
        return;
      }
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waits.delete(stop);
      };
      const stop = (error: ChanceryError): void => {
        settle();
        reject(error);
      };
      const onAbort = (): void => {
        stop(aborted(signal));
      };
      const timer = setTimeout(() => {
        stop(timedOut(timeout, this.#refused));
      }, timeout);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waits.add(stop);
      work(() => this.#waits.has(stop)).then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
          reject(error);
        },
      );
    });
  }

  #ready(): Promise<Connection> {
    if (this.#connection?.open === true) return Promise.resolve(this.#connection);
    this.#dialling ??= this.#dial().finally(() => {
      this.#dialling = null;
    });
    return this.#dialling;
  }

  /** Tries until it connects, as long as any request waits for it. */
  async #dial(): Promise<Connection> {
    this.#refused = null;
    for (let attempt = 1; ; attempt++) {
      try {
        const connection = await this.#connect();
        this.#connection = connection;
        this.#refused = null;
        return connection;
      } catch (error) {
        if (!(error instanceof ChanceryError && RETRIED.has(error.code)) || this.#waits.size === 0)
          throw error;
        this.#refused = error;
      }
      await sleep(backoff(attempt, Math.random()));
      if (this.#closed !== null) throw this.#closed;
    }
  }

  async #connect(): Promise<Connection> {
    const { socket, prepare, notified } = this.#options;
    const connection = await Connection.open(socket, {
      timeout: this.#timeout,
      signal: this.#ended.signal,
      notified: notified ?? ignore,
    });
    if (this.#closed !== null) {
      connection.close();
      throw this.#closed;
    }
    const giveUp = (): void => {
      connection.close();
    };
    // A daemon that never answers here, or a signer of possession that does not, would hold up every later request.
    const timer = setTimeout(giveUp, this.#timeout);
    this.#ended.signal.addEventListener('abort', giveUp, { once: true });
    try {
      if (prepare !== undefined) await Promise.race([prepare(connection), connection.ended()]);
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener('abort', giveUp);
    }
    return connection;
  }
}

/** Failures to connect that time may heal. */
const RETRIED: ReadonlySet<string> = new Set(['DAEMON_UNREACHABLE', 'OVERLOADED']);

/** The result as the protocol says it is; unknown fields are skipped. Throws RESPONSE_INVALID. */
export function readResult<M extends Method>(
  method: M | undefined,
  name: string,
  value: unknown,
): ResultOf<M> {
  const parsed = method?.result.safeParse(value);
  if (parsed?.success === true) return parsed.data as ResultOf<M>;
  throw new ChanceryError(
    'RESPONSE_INVALID',
    `the daemon's answer to ${name} is not what the protocol says`,
    {
      cause: parsed?.error,
      hint: 'use a client of the same major version as the daemon',
    },
  );
}

function ignore(): void {
  // Notifications nobody asked for.
}

function sleep(ms: number): Promise<void> {
  // The timers of the requests that wait keep the process; this one need not.
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Throws MALFORMED_REQUEST. */
function milliseconds(timeout: number): number {
  const value: unknown = timeout;
  if (typeof value === 'number' && value > 0) return Math.min(value, MAX_TIMEOUT_MS);
  throw new ChanceryError('MALFORMED_REQUEST', `timeout is milliseconds, not ${String(timeout)}`, {
    hint: 'leave it out for 10 seconds',
  });
}

function aborted(signal: AbortSignal | undefined): ChanceryError {
  return new ChanceryError('ABORTED', 'the request was aborted', { cause: signal?.reason });
}

/** `refused` is why there was no connection to send the request on, when that was it. */
function timedOut(ms: number, refused: ChanceryError | null): ChanceryError {
  const why = refused === null ? '' : `: ${refused.message}`;
  return new ChanceryError('TIMEOUT', `the daemon did not answer within ${String(ms)} ms${why}`, {
    cause: refused ?? undefined,
    hint: 'ask again: the same transaction within 10 minutes counts nothing more',
  });
}
