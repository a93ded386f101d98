import { ChanceryError } from '../../core/errors.js';
import {
  FRAME_COMMAND,
  FRAME_EVENT,
  FRAME_REPLY,
  FRAME_SIGN,
  decodeSign,
  encodeJsonFrame,
  encodeSignature,
  encodeSignFailed,
  type Frame,
} from '../frames.js';
import { HOST_CODES, MAX_TEXT, type HostCommand, type HostEvent } from '../host-protocol.js';
import { Administrator } from './administrator.js';
import type { BlockingChannel } from './blocking-channel.js';
import { callFailed, HostEnds } from './host-error.js';
import { initialise } from './initialise.js';
import { loadModule } from './load-module.js';
import { NO_SIGNATURE, returnValueOf } from './return-value.js';
import type { SigningSession } from './signing-session.js';
import { startKeys } from './start-keys.js';

/** Signatures per write while more requests have arrived: one waking of the daemon for four. */
const BATCH = 4;
/** A token slower than this answers one by one: a signature must not wait for a second of 100 ms. */
const SLOW_MS = 1;

/** One command or signature at a time, in the order they came. */
export class Host {
  readonly #channel: BlockingChannel;
  #signing: SigningSession | null = null;
  #administrator: Administrator | null = null;
  #ended = false;

  constructor(channel: BlockingChannel) {
    this.#channel = channel;
  }

  /** Returns when the daemon has closed its end (true), or when the daemon must start another host (false). */
  run(): boolean {
    this.#notify({ type: 'running' });
    for (;;) {
      for (let frame = this.#channel.arrived(); frame !== null; frame = this.#channel.arrived()) {
        const begun = performance.now();
        this.#handle(frame);
        if (this.#ended) {
          this.#channel.flush();
          return false;
        }
        if (this.#channel.queued >= BATCH || performance.now() - begun > SLOW_MS) this.#channel.flush();
      }
      this.#channel.flush();
      if (!this.#channel.wait()) return true;
    }
  }

  #handle(frame: Frame): void {
    if (frame.type === FRAME_SIGN) this.#sign(frame.body);
    else if (frame.type === FRAME_COMMAND) this.#command(frame.body);
    else throw new ChanceryError('INTERNAL', 'the daemon sent a frame of an unknown type');
  }

  #sign(body: Buffer): void {
    const { id, handle, message } = decodeSign(body);
    try {
      if (this.#signing === null) throw new ChanceryError('INTERNAL', 'asked to sign before the start');
      this.#channel.queue(encodeSignature(id, this.#signing.sign(handle, message)));
    } catch (error) {
      // Told before the failure itself, so that the daemon sends nothing more to a host that ends.
      if (error instanceof HostEnds) this.#end({ type: 'ending', reason: error.message });
      if (error instanceof ChanceryError && error.code === 'PIN_REFUSED') {
        this.#end({ type: 'latched', message: error.message });
      }
      const returnValue =
        error instanceof HostEnds ? error.returnValue : (returnValueOf(error) ?? NO_SIGNATURE);
      this.#channel.queue(encodeSignFailed(id, returnValue));
    }
  }

  #command(body: Buffer): void {
    // The daemon is the only writer, and trusted here: the host holds nothing the daemon could not have.
    const command = JSON.parse(body.toString('utf8')) as HostCommand;
    try {
      this.#reply(this.#execute(command));
    } catch (error) {
      this.#reply(failure(error));
    }
  }

  #execute(command: HostCommand): object {
    switch (command.command) {
      case 'start': {
        const { signing, reply } = startKeys(loadModule(command.login.module), command, (event) => {
          this.#notify(event);
        });
        this.#signing = signing;
        return reply;
      }
      case 'initialise':
        return initialise(command);
      case 'login': {
        const { administrator, reply } = Administrator.logIn(command.login, (event) => {
          this.#notify(event);
        });
        this.#administrator = administrator;
        return reply;
      }
      case 'readObjects':
        return {
          ok: true,
          values: this.#started()
            .readObjects(command.name)
            .map((value) => value.toString('hex')),
        };
      case 'replaceObjects':
        this.#started().replaceObjects(command.name, Buffer.from(command.value, 'hex'));
        return { ok: true };
      case 'list':
        return this.#loggedIn().list();
      case 'generate':
        return this.#loggedIn().generate(command.label);
      case 'import':
        return this.#loggedIn().import(command.label, command.keypairFile);
      case 'destroy':
        return this.#loggedIn().destroy(command.label, command.objectId);
    }
  }

  #started(): SigningSession {
    if (this.#signing !== null) return this.#signing;
    throw new ChanceryError('INTERNAL', 'asked for data objects before the start');
  }

  #loggedIn(): Administrator {
    if (this.#administrator !== null) return this.#administrator;
    throw new ChanceryError('INTERNAL', 'asked for administration before the login');
  }

  #end(event: HostEvent): void {
    this.#ended = true;
    this.#notify(event);
  }

  #reply(reply: object): void {
    this.#channel.queue(encodeJsonFrame(FRAME_REPLY, reply));
    this.#channel.flush();
  }

  #notify(event: HostEvent): void {
    this.#channel.queue(encodeJsonFrame(FRAME_EVENT, event));
    this.#channel.flush();
  }
}

/** What the daemon takes; a label or a path in a sentence may be long. */
function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

const known: ReadonlySet<string> = new Set(HOST_CODES);

/** Only our own sentences leave the host: the text of a foreign error may repeat what a module was given. */
function failure(error: unknown): object {
  const ours = callFailed('the token failed', error);
  const code = known.has(ours.code) ? ours.code : 'INTERNAL';
  return {
    ok: false,
    code,
    message: clip(ours.message),
    hint: ours.hint === undefined ? null : clip(ours.hint),
  };
}
