import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { FRAME_COMMAND, FRAME_EVENT, FRAME_REPLY, FRAME_SIGN_FAILED, FRAME_SIGNATURE } from './frames.js';
import { decodeSignature, decodeSignFailed, encodeJsonFrame, FrameReader, type Frame } from './frames.js';
import { hostEventSchema, type HostCommand, type HostEvent } from './host-protocol.js';
import { launchHost } from './launch-host.js';

/** How long a host may take to end by itself when it is closed. */
const CLOSE_MS = 2000;
/** SIGKILL ends every process but one that waits in the kernel, for a device that does not answer. */
const KILL_MS = 5000;
/** What a host wrote before it ended is read by then. */
const DRAIN_MS = 1000;
const MAX_STDERR = 2000;

export interface HostHandlers {
  signature(id: number, signature: Uint8Array): void;
  signFailed(id: number, returnValue: number): void;
  /** The JSON of a reply, not yet checked. */
  reply(value: unknown): void;
  event(event: Exclude<HostEvent, { type: 'running' }>): void;
  /** Called after each batch of frames. */
  batch(): void;
  /** It is being killed: nothing more may be sent to it, and nothing it sends counts. `ended` follows. */
  killed(): void;
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
  #left: (() => void) | null = null;
  #drain: NodeJS.Timeout | undefined;
  #killed: NodeJS.Timeout | undefined;
  #running = false;
  /** Commands that were given before it ran. */
  readonly #early: HostCommand[] = [];
  #corked = false;
  #stderr = '';
  #broken: string | null = null;

  /** Throws HSM_UNAVAILABLE when the system has no process or descriptors to give. */
  constructor(hostScript: string, environment: Readonly<Record<string, string>>, handlers: HostHandlers) {
    this.#handlers = handlers;
    const { child, channel } = launchHost(hostScript, environment);
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      this.#left = resolve;
    });
    this.#socket = channel;
    this.#socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    // A write to a host that has just died: `exit` says why.
    this.#socket.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // Afterwards a module that logs its calls could put the PIN here.
      if (!this.#running && this.#stderr.length < MAX_STDERR) this.#stderr += text;
    });
    // A process that the module forked has both descriptors too, and `close` would come when it ends.
    child.once('exit', () => {
      this.#drain = setTimeout(() => {
        this.#letGo();
      }, DRAIN_MS);
    });
    child.once('error', (error) => {
      this.#end(`it cannot be started: ${error.message}`);
    });
    // `close`, not `exit`: what the host wrote before it died is still delivered.
    child.once('close', (status, signal) => {
      this.#end(signal === null ? `exit status ${String(status)}` : `signal ${signal}`);
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /**
   * Sent when the host runs, not before: a command loads the module, which may write the PIN to stderr, and what is
   * written there before the host runs is told as why it did not start.
   */
  command(command: HostCommand): void {
    if (this.#running) this.#socket.write(encodeJsonFrame(FRAME_COMMAND, command));
    else this.#early.push(command);
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
    this.#handlers.killed();
    this.#child.kill('SIGKILL');
    this.#killed ??= setTimeout(() => {
      this.#letGo();
      this.#broken = `${reason}, and SIGKILL does not end it`;
      this.#end('');
    }, KILL_MS);
  }

  /** Waits for nothing more from it. */
  #letGo(): void {
    this.#socket.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
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
    if (this.#left === null) return;
    this.#left();
    this.#left = null;
    clearTimeout(this.#drain);
    clearTimeout(this.#killed);
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
        if (this.#running) throw new TypeError('a host begins once');
        this.#running = true;
        for (const command of this.#early.splice(0)) this.command(command);
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
