import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindSocket } from '../../../src/transport/bind-socket.js';
import { whileBusy } from '../../support/busy-listener.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const NOBODY = 65_534;
const asRoot = process.geteuid?.() === 0;
let directory: string;
let server: Server;

beforeEach(() => {
  directory = temporaryDirectory();
  server = createServer();
});
afterEach(() => {
  server.close();
});

describe('bindSocket', () => {
  it('makes everything in the directory of the socket, the only one a daemon may write', async () => {
    const inner = join(directory, 'run');
    mkdirSync(inner);
    chmodSync(directory, 0o555);
    if (asRoot) {
      chownSync(inner, NOBODY, NOBODY);
      process.seteuid?.(NOBODY);
    }
    try {
      const bound = bindSocket(server, join(inner, 's'), { mode: 0o660, gid: null });
      await expect(bound).resolves.toBeDefined();
      expect(readdirSync(inner)).toEqual(['s']);
    } finally {
      if (asRoot) process.seteuid?.(0);
      chmodSync(directory, 0o755);
    }
  });

  it('lets go of a file that it may not remove, which the next one replaces', async () => {
    const path = join(directory, 's');
    const bound = await bindSocket(server, path, { mode: 0o660, gid: null });
    chmodSync(directory, 0o555);
    if (asRoot) process.seteuid?.(NOBODY);
    try {
      expect(() => {
        bound.unbind();
      }).not.toThrow();
    } finally {
      if (asRoot) process.seteuid?.(0);
      chmodSync(directory, 0o755);
    }
    expect(readdirSync(directory)).toEqual(['s']);
    server.close();
    server = createServer();
    await expect(bindSocket(server, path, { mode: 0o660, gid: null })).resolves.toBeDefined();
  });

  it.runIf(asRoot)('gives the socket to the group, and to no other owner', async () => {
    const path = join(directory, 's');
    await bindSocket(server, path, { mode: 0o640, gid: 4321 });
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 0, gid: 4321, mode: 0o640 });
  });

  it('listens nowhere when it may not give the socket to the group', async () => {
    // No process may: it is beyond what a gid can be.
    const error = await rejected(bindSocket(server, join(directory, 's'), { mode: 0o660, gid: 2 ** 32 }));
    expect(error.code).toBe('PERMISSION_UNSAFE');
    expect(server.listening).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('counts bytes, and those of the longer name under which the socket is made', async () => {
    const room = 107 - directory.length - 1;
    const wide = join(directory, 'é'.repeat(Math.floor(room / 2) + 1));
    expect(wide.length).toBeLessThan(107);
    const deep = join(directory, 'd'.repeat(room - '/.XXXXXX/s'.length + 1), 's');
    expect(Buffer.byteLength(deep)).toBeLessThan(107);
    for (const path of [wide, deep]) {
      expect((await rejected(bindSocket(server, path, { mode: 0o660, gid: null }))).code).toBe(
        'PATH_TOO_LONG',
      );
    }
  });

  it('takes no socket whose owner is only too busy to answer', async () => {
    const path = join(directory, 's');
    await whileBusy(path, async () => {
      const error = await rejected(bindSocket(server, path, { mode: 0o660, gid: null }));
      expect(error.code).toBe('SOCKET_IN_USE');
    });
  });
});
