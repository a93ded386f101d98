import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emitInSlices } from '../../../src/transport/emit-in-slices.js';
import type { UidTurns } from '../../../src/transport/turns.js';
import { until } from '../../support/transport.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const SENT = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));

/** Of a caller alone: all may come at once, and what is put off comes in the next turn. */
const ALONE: UidTurns = { atOnce: () => true, later: (work) => void setImmediate(work) };

let directory: string;
let server: Server;
let client: Socket;
let socket: Socket;

beforeEach(async () => {
  directory = temporaryDirectory();
  const path = join(directory, 's.sock');
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  client = connect(path);
  client.on('error', () => undefined);
  socket = await accepted;
  socket.on('error', () => undefined);
});
afterEach(() => {
  client.destroy();
  socket.destroy();
  server.close();
});

/** What a parser is given, and in which turn of the event loop. */
function listen(each: (chunk: Buffer) => void = () => undefined) {
  const chunks: Buffer[] = [];
  const turns: number[] = [];
  let turn = 0;
  const count = (): void => {
    turn += 1;
    if (!socket.destroyed) setImmediate(count);
  };
  setImmediate(count);
  const listener = (chunk: Buffer): void => {
    chunks.push(Buffer.from(chunk));
    turns.push(turn);
    each(chunk);
  };
  socket.on('data', listener);
  return { chunks, turns, listener, bytes: () => Buffer.concat(chunks) };
}

describe('a socket that emits in slices', () => {
  it('gives all that was sent, in order, a slice in a turn, and ends behind it', async () => {
    const parser = listen();
    emitInSlices(socket, ALONE);
    const ended = new Promise<number>((resolve) => {
      socket.on('end', () => {
        resolve(parser.bytes().length);
      });
    });
    socket.resume();
    client.end(SENT);
    expect(await ended).toBe(SENT.length);
    expect(parser.bytes().equals(SENT)).toBe(true);
    expect(Math.max(...parser.chunks.map(({ length }) => length))).toBeLessThanOrEqual(8192);
    const later = parser.turns.filter((turn, index) => turn === parser.turns[index - 1]);
    // Only what a read brought behind the last slice of the one before may share its turn.
    expect(later.length).toBeLessThan(parser.turns.length / 4);
  });

  it('gives nothing while its parser has paused it, and goes on where it was', async () => {
    const parser = listen(() => socket.pause());
    emitInSlices(socket, ALONE);
    socket.resume();
    client.write(SENT);
    for (let given = 1; given <= 5; given++) {
      await until(() => parser.chunks.length === given);
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(parser.chunks).toHaveLength(given);
      socket.resume();
    }
    const given = parser.bytes();
    expect(given.equals(SENT.subarray(0, given.length))).toBe(true);
  });

  it('keeps what is left while one parser has gone and the next is not there yet', async () => {
    const first = listen(() => socket.off('data', first.listener));
    emitInSlices(socket, ALONE);
    socket.resume();
    client.write(SENT);
    await until(() => first.chunks.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const second = listen();
    socket.resume();
    await until(() => second.bytes().length === SENT.length - first.bytes().length);
    expect(Buffer.concat([first.bytes(), second.bytes()]).equals(SENT)).toBe(true);
  });

  it('gives to the next parser what one has given back before what is left', async () => {
    const first = listen((chunk) => {
      socket.off('data', first.listener);
      socket.pause();
      socket.unshift(chunk.subarray(100));
    });
    emitInSlices(socket, ALONE);
    socket.resume();
    client.end(SENT);
    await until(() => first.chunks.length === 1);
    const second = listen();
    socket.resume();
    await until(() => second.bytes().length === SENT.length - 100);
    expect(second.bytes().equals(SENT.subarray(100))).toBe(true);
  });

  it('puts off also the first slice of a read when its uid has had its share of the turn', async () => {
    const parser = listen();
    const asked: number[] = [];
    const put: (() => number)[] = [];
    emitInSlices(socket, {
      atOnce: (bytes) => {
        asked.push(bytes);
        return false;
      },
      later: (work) => void put.push(work),
    });
    socket.resume();
    client.write(SENT.subarray(0, 1000));
    await until(() => put.length === 1);
    expect([asked, parser.chunks]).toEqual([[1000], []]);
    expect(put.shift()?.()).toBe(1000);
    expect(parser.bytes().equals(SENT.subarray(0, 1000))).toBe(true);
    // And reads on.
    client.write(SENT.subarray(1000, 1010));
    await until(() => put.length === 1);
    expect(put.shift()?.()).toBe(10);
  });

  it('gives nothing more once it is closed', async () => {
    const parser = listen(() => socket.destroy());
    emitInSlices(socket, ALONE);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.resume();
    client.write(SENT);
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(parser.chunks).toHaveLength(1);
    expect(socket.readableLength).toBe(0);
  });
});
