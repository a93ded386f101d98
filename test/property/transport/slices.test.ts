import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emitInSlices } from '../../../src/transport/emit-in-slices.js';

const directory = mkdtempSync(join(tmpdir(), 'chancery-slices-'));
const path = join(directory, 's.sock');
let server: Server;

beforeAll(async () => {
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

async function pair(): Promise<[Socket, Socket]> {
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  return [connect(path), await accepted];
}

/** What a parser does with a slice besides reading it. */
type Act = 'read' | 'pause' | 'pause and resume' | 'leave' | 'leave and give back';

const plans = fc.record({
  pieces: fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.boolean()), {
    minLength: 1,
    maxLength: 8,
  }),
  acts: fc.array(
    fc.constantFrom<Act>('read', 'read', 'pause', 'pause and resume', 'leave', 'leave and give back'),
    { minLength: 1, maxLength: 12 },
  ),
  atOnce: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
});

it('gives each byte once, in order, and the end behind them, whatever its parsers do and when', async () => {
  const property = fc.asyncProperty(plans, async ({ pieces, acts, atOnce }) => {
    const [client, socket] = await pair();
    const sent = Buffer.from(
      Array.from({ length: pieces.reduce((sum, [size]) => sum + size, 0) }, (_, index) => index % 251),
    );
    const taken: Buffer[] = [];
    let [step, asked] = [0, 0];
    const parse = (chunk: Buffer): void => {
      const act = acts[step++ % acts.length];
      const kept =
        act === 'leave and give back'
          ? chunk.subarray(0, Math.max(chunk.length - 100, Math.ceil(chunk.length / 2)))
          : chunk;
      taken.push(Buffer.from(kept));
      if (act === 'read') return;
      socket.pause();
      if (act === 'pause and resume') socket.resume();
      if (act === 'pause') setImmediate(() => socket.resume());
      if (act !== 'leave' && act !== 'leave and give back') return;
      socket.off('data', parse);
      if (kept.length < chunk.length) socket.unshift(chunk.subarray(kept.length));
      setTimeout(() => {
        socket.on('data', parse);
        socket.resume();
      }, step % 3);
    };
    socket.on('data', parse);
    emitInSlices(socket, {
      atOnce: () => atOnce[asked++ % atOnce.length] ?? true,
      later: (work) => void setImmediate(work),
    });
    const ended = new Promise<number>((resolve) => {
      socket.on('end', () => {
        resolve(taken.reduce((sum, { length }) => sum + length, 0));
      });
    });
    socket.resume();
    let at = 0;
    for (const [size, wait] of pieces) {
      client.write(sent.subarray(at, at + size));
      at += size;
      if (wait) await sleep(1);
    }
    client.end();
    expect(await ended).toBe(sent.length);
    expect(Buffer.concat(taken).equals(sent)).toBe(true);
    client.destroy();
    socket.destroy();
  });
  await fc.assert(property, { numRuns: 40, seed: 20_260 });
});
