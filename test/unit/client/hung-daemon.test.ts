import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/client/api.js';
import { rejected } from '../../support/rejected.js';
import { FakeDaemon } from '../../support/fake-daemon.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** A process that is stopped or stuck: the kernel still takes connections for it, and nobody ever reads them. */
describe('a daemon that hangs', () => {
  let path: string;
  const held = new Set<Socket>();
  const server = createServer((socket) => {
    held.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => held.delete(socket)).resume();
  });

  beforeEach(() => {
    path = join(temporaryDirectory(), 's.sock');
    return new Promise<void>((resolve) => server.listen(path, resolve));
  });
  afterEach(async () => {
    for (const socket of held) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const within = (ms: number): Promise<void> =>
    vi.waitFor(
      () => {
        expect(held.size).toBe(0);
      },
      { timeout: ms, interval: 5 },
    );

  it('holds no process: what was opening is closed when its time is over', async () => {
    const error = await rejected(connect({ socket: path, timeout: 200 }));
    expect(error.code).toBe('TIMEOUT');
    await within(500);
  });

  it('nor when the caller gives up before', async () => {
    const controller = new AbortController();
    const waiting = rejected(connect({ socket: path, timeout: 60_000, signal: controller.signal }));
    await vi.waitFor(() => {
      expect(held.size).toBe(1);
    });
    controller.abort();
    expect((await waiting).code).toBe('ABORTED');
    await within(500);
  });

  it('nor when the client is closed while it connects again; one that hung is given up for the next', async () => {
    const daemon = await FakeDaemon.start(() => []);
    const client = await connect({ socket: daemon.path, timeout: 300 });
    try {
      expect(await client.listKeys()).toEqual([]);
      await daemon.stop();
      await rejected(client.listKeys({ timeout: 50 }));
      // In its place listens something that hangs.
      await new Promise<void>((resolve) => server.close(() => server.listen(daemon.path, resolve)));
      const waiting = rejected(client.listKeys({ timeout: 60_000 }));
      await vi.waitFor(() => {
        expect(held.size).toBe(1);
      });
      const [first] = held;
      await vi.waitFor(() => {
        expect(held.size).toBe(1);
        expect([...held][0]).not.toBe(first);
      });
      client.close();
      expect((await waiting).code).toBe('ABORTED');
      await within(500);
    } finally {
      client.close();
      for (const socket of held) socket.destroy();
    }
  });
});
