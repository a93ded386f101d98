import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../../src/client/api.js';
import { rejected } from '../../support/rejected.js';

it('a daemon with more connections waiting than it takes is not said to be stopped', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'chancery-busy-'));
  const socket = join(directory, 's');
  const listen = `require('node:net').createServer().listen({ path: ${JSON.stringify(socket)}, backlog: 1 }, () => console.log('up'))`;
  const busy = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  const waiting: Socket[] = [];
  try {
    await once(busy.stdout, 'data');
    busy.kill('SIGSTOP');
    for (let n = 0; n < 4; n++) waiting.push(connectSocket(socket).on('error', () => undefined));
    const error = await rejected(connect({ socket }));
    expect(error.code).toBe('DAEMON_UNREACHABLE');
    expect(error.hint).toMatch(/ask again/);
    expect(error.hint).not.toMatch(/chancery serve/);
  } finally {
    for (const each of waiting) each.destroy();
    busy.kill('SIGKILL');
    await once(busy, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
});
