import type { Socket } from 'node:net';
import type { UidTurns } from './turns.js';

/** What is parsed of one connection before the others have their turn. Bytes; most messages fit. */
const SLICE_BYTES = 8 * 1024;

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/**
 * Lets a socket emit its data in slices: the first of a read at once when its uid may, the others in later turns. A read
 * brings 64 KiB, and libuv reads up to 32 times in a row: in frames or chunks of six bytes that is 350,000 of them, for
 * which everybody else waits; 8 KiB at a time on 200 connections are 270,000. The parsers come and go (HTTP, then
 * WebSocket) and pause and resume the socket as ever. What is left when it closes is dropped: its sender went away, or
 * was cut off for what came before.
 */
export function emitInSlices(socket: Socket, turns: UidTurns): void {
  // Node's HTTP parser takes the bytes past the socket until somebody else listens for them.
  socket.on('data', nobody).off('data', nobody);
  const emit: Emit = socket.emit.bind(socket);
  const pause = socket.pause.bind(socket);
  const resume = socket.resume.bind(socket);
  const unshift = socket.unshift.bind(socket);
  let rest: Buffer | null = null;
  /** Its end has come and waits behind `rest`: the stream itself takes nothing back any more. */
  let ended = false;
  /** By a parser. */
  let paused = false;
  let waiting = false;

  const left = (): boolean => rest !== null || ended;
  const wanted = (): boolean => !paused && !socket.destroyed && socket.listenerCount('data') > 0;
  /** How many bytes it was. */
  const next = (): number => {
    if (rest === null) {
      ended = false;
      emit('end');
      return 0;
    }
    const slice = rest.subarray(0, SLICE_BYTES);
    rest = rest.length > SLICE_BYTES ? rest.subarray(SLICE_BYTES) : null;
    emit('data', slice);
    return slice.length;
  };
  const goOnLater = (): void => {
    // The stream keeps what is read meanwhile, and reads no more when that is enough.
    pause();
    if (waiting) return;
    waiting = true;
    turns.later(() => {
      waiting = false;
      // Between two parsers nobody listens, and it would be lost.
      if (!wanted()) return 0;
      const bytes = next();
      if (left()) goOnLater();
      else if (wanted()) resume();
      return bytes;
    });
  };

  socket.pause = () => {
    paused = true;
    return pause();
  };
  socket.resume = () => {
    paused = false;
    if (!left()) return resume();
    goOnLater();
    return socket;
  };
  // A parser gives back what it did not need, for the next: it comes before what is left.
  socket.unshift = (chunk: unknown, encoding?: BufferEncoding) => {
    if (!left() || !Buffer.isBuffer(chunk)) unshift(chunk, encoding);
    else rest = rest === null ? chunk : Buffer.concat([chunk, rest]);
  };
  const take = (chunk: Buffer): void => {
    const first = !left() && wanted() && turns.atOnce(Math.min(chunk.length, SLICE_BYTES));
    rest = rest === null ? chunk : Buffer.concat([rest, chunk]);
    if (first) next();
    if (left()) goOnLater();
  };
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [chunk] = args;
    if (event === 'data' && Buffer.isBuffer(chunk)) take(chunk);
    else if (event === 'end' && left()) ended = true;
    else return emit(event, ...args);
    return true;
  };
  socket.prependListener('close', () => {
    rest = null;
    ended = false;
    // A parser of WebSockets would take at once all that the stream still holds.
    socket.read();
  });
}

function nobody(): void {
  // Only to be there.
}
