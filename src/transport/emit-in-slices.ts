import type { Socket } from 'node:net';

/** What is parsed of one connection before the others have their turn. Bytes; most messages fit. */
const SLICE_BYTES = 8 * 1024;

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/**
 * Lets a socket emit its data in slices: one at once, the others when `later` lets them. A read brings 64 KiB, and libuv reads up to 32
 * times in a row: in frames or chunks of six bytes that is 350,000 of them, for which everybody else waits. The parsers
 * come and go (HTTP, then WebSocket) and pause and resume the socket as ever. What is left when it closes is dropped:
 * its sender went away, or was cut off for what came before.
 */
export function emitInSlices(socket: Socket, later: (work: () => void) => void): void {
  // Node's HTTP parser takes the bytes past the socket until somebody else listens for them.
  socket.on('data', nobody).off('data', nobody);
  const emit: Emit = socket.emit.bind(socket);
  const pause = socket.pause.bind(socket);
  const resume = socket.resume.bind(socket);
  let rest: Buffer | null = null;
  let ended = false;
  /** By a parser. */
  let paused = false;
  let waiting = false;

  const left = (): boolean => rest !== null;
  const wanted = (): boolean => !paused && !socket.destroyed && socket.listenerCount('data') > 0;
  const next = (): void => {
    if (rest === null) return;
    const slice = rest.subarray(0, SLICE_BYTES);
    rest = rest.length > SLICE_BYTES ? rest.subarray(SLICE_BYTES) : null;
    emit('data', slice);
  };
  const goOnLater = (): void => {
    // The stream keeps what is read meanwhile, and reads no more when that is enough.
    pause();
    if (waiting) return;
    waiting = true;
    later(() => {
      waiting = false;
      // Between two parsers nobody listens, and it would be lost.
      if (!wanted()) return;
      next();
      if (left()) goOnLater();
      else if (ended) emit('end');
      else if (wanted()) resume();
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
  const take = (chunk: Buffer): void => {
    const first = !left() && wanted();
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
    // A parser of WebSockets would take at once all that the stream still holds.
    socket.read();
  });
}

function nobody(): void {
  // Only to be there.
}
