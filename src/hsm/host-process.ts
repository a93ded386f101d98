import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { FRAME_COMMAND, FRAME_EVENT, FRAME_REPLY, FRAME_SIGN_FAILED, FRAME_SIGNATURE } from './frames.js';
import { decodeSignature, decodeSignFailed, encodeJsonFrame, FrameReader, type Frame } from './frames.js';
import { hostEventSchema, type HostCommand, type HostEvent } from './host-protocol.js';

/**
 * The host is started without core dumps (they would hold the PIN), to die with its parent even while a module
 * hangs, and without a way to gain privileges. A limit of one byte instead of none also stops dumps that are piped
 * to a collector, which ignore a limit of zero (core(5)). Both tools are util-linux; where they lack, dumps to
 * files are still off, and the host still ends when its descriptor closes, unless a call hangs.
 */
const LAUNCH = `prlimit --pid $$ --core=1:1 2>/dev/null || ulimit -c 0
command -v setpriv >/dev/null && exec setpriv --pdeathsig KILL --no-new-privs -- "$@"
exec "$@"`;
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** How long a host may take to end by itself when it is closed. */
const CLOSE_MS = 2000;
const MAX_STDERR = 2000;

export interface HostHandlers {
  /** The host runs and takes commands. */
  running(): void;
  signature(id: number, signature: Uint8Array): void;
  signFailed(id: number, returnValue: number): void;
  /** The JSON of a reply, not yet checked. */
  reply(value: unknown): void;
  event(event: Exclude<HostEvent, { type: 'running' }>): void;
  /** Called after each batch of frames. */
  batch(): void;
  /** Called once, when the process is gone: nothing more will come. */
  ended(reason: string): void;
}

/** One life of an HSM host process. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #handlers: HostHandlers;
  readonly #gone: Promise<void>;
  #running = false;
  #corked = false;
  #stderr = '';
  #broken: string | null = null;

  constructor(hostScript: string, environment: Readonly<Record<string, string>>, handlers: HostHandlers) {
    this.#handlers = handlers;
    this.#child = spawn('/bin/sh', ['-c', LAUNCH, 'chancery-hsm', process.execPath, hostScript], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      // Only what is named: NODE_OPTIONS, LD_PRELOAD or a secret of the daemon's own do not reach foreign code.
      env: { PATH: SYSTEM_PATH, ...passedOn(), ...environment },
    });
    const channel = this.#child.stdio[3];
    if (!(channel instanceof Socket)) throw new TypeError('descriptor 3 of the HSM host is no socket');
    this.#socket = channel;
    this.#socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    // A write to a host that has just died: `exit` says why.
    this.#socket.on('error', () => undefined);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // Afterwards a module that logs its calls could put the PIN here.
      if (!this.#running && this.#stderr.length < MAX_STDERR) this.#stderr += text;
    });
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#end(`it cannot be started: ${error.message}`);
        resolve();
      });
      // `close`, not `exit`: what the host wrote before it died is still delivered.
      this.#child.once('close', (status, signal) => {
        this.#end(signal === null ? `exit status ${String(status)}` : `signal ${signal}`);
        resolve();
      });
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  command(command: HostCommand): void {
    this.#socket.write(encodeJsonFrame(FRAME_COMMAND, command));
  }

  /** Frames of one tick leave in one write. */
  send(frame: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(frame);
  }

  /** For a host that hangs or does not keep to the protocol; it gets no chance to answer. */
  kill(reason: string): void {
    this.#broken ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** Lets the host finish what it has begun and close its sessions; resolves when it is gone. */
  async close(): Promise<void> {
    this.#socket.end();
    const timer = setTimeout(() => {
      this.kill('it did not end by itself');
    }, CLOSE_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  #end(how: string): void {
    // What a killed host sent does not count, and a host that cannot even start says so on stderr.
    const text = this.#running ? '' : mainLine(this.#stderr);
    this.#handlers.ended(this.#broken ?? (text === '' ? how : `${how}: ${text}`));
  }

  #receive(chunk: Buffer): void {
    if (this.#broken !== null) return;
    try {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next()) this.#deliver(frame);
    } catch {
      this.kill('it does not keep to the protocol');
    }
    this.#handlers.batch();
  }

  #deliver({ type, body }: Frame): void {
    switch (type) {
      case FRAME_SIGNATURE: {
        const { id, signature } = decodeSignature(body);
        this.#handlers.signature(id, signature);
        return;
      }
      case FRAME_SIGN_FAILED: {
        const { id, returnValue } = decodeSignFailed(body);
        this.#handlers.signFailed(id, returnValue);
        return;
      }
      case FRAME_REPLY:
        this.#handlers.reply(JSON.parse(body.toString('utf8')));
        return;
      case FRAME_EVENT: {
        const event = hostEventSchema.parse(JSON.parse(body.toString('utf8')));
        if (event.type !== 'running') {
          this.#handlers.event(event);
          return;
        }
        this.#running = true;
        this.#handlers.running();
        return;
      }
      default:
        throw new TypeError('a frame of an unknown type');
    }
  }
}

/** The one line of a stack trace that says what is wrong. */
function mainLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0] ?? '').slice(0, 300);
}

function passedOn(): Record<string, string> {
  const names = ['HOME', 'CREDENTIALS_DIRECTORY', 'TZ'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
