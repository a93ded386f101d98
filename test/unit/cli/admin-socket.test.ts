import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withAdmin } from '../../../src/cli/admin-socket.js';
import type { OperatorOptions } from '../../../src/cli/arguments.js';
import type { ChanceryError } from '../../../src/core/errors.js';
import { FakeDaemon } from '../../support/fake-daemon.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
let server: Server | null = null;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  server?.close();
  server = null;
});

async function listen(path: string): Promise<string> {
  const listening = createServer((socket) => socket.destroy());
  server = listening;
  await new Promise<void>((resolve) => listening.listen(path, resolve));
  return path;
}

async function refused(options: OperatorOptions): Promise<ChanceryError> {
  let asked = false;
  const error = await rejected(
    withAdmin(options, () => {
      asked = true;
      return Promise.resolve();
    }),
  );
  expect(asked).toBe(false);
  return error;
}

describe('who owns the admin socket', () => {
  it('needs to know which daemon', async () => {
    expect((await refused({})).code).toBe('USAGE');
  });

  it('says when none listens', async () => {
    const error = await refused({ socket: join(directory, 'admin.sock') });
    expect(error.code).toBe('DAEMON_UNREACHABLE');
  });

  it('says when nobody answers behind the socket', async () => {
    const socket = await listen(join(directory, 'admin.sock'));
    expect((await refused({ socket })).code).toBe('DAEMON_UNREACHABLE');
  });

  it('tells an operator what to do about a daemon that hangs, and not what an agent does', async () => {
    const daemon = await FakeDaemon.start(() => undefined);
    const error = await rejected(
      withAdmin({ socket: daemon.path }, (session) =>
        session.call('freeze', { reason: 'drill' }, { timeout: 50 }),
      ),
    );
    expect(error.code).toBe('TIMEOUT');
    expect(error.hint).toContain('stop the daemon');
    expect(error.hint).not.toContain('transaction');
  });

  it('refuses a directory in which anybody could have put the socket', async () => {
    const socket = await listen(join(directory, 'admin.sock'));
    chmodSync(directory, 0o777);
    const error = await refused({ socket });
    expect(error.code).toBe('PERMISSION_UNSAFE');
    expect(error.message).toContain('anybody can write');
    // A sticky bit keeps others from removing the file, not from being there first.
    chmodSync(directory, 0o1777);
    expect((await refused({ socket })).code).toBe('PERMISSION_UNSAFE');
  });

  it('refuses what is no socket, links too', async () => {
    const file = join(directory, 'admin.sock');
    writeFileSync(file, '');
    expect((await refused({ socket: file })).code).toBe('PERMISSION_UNSAFE');
  });

  it.runIf(process.getuid?.() === 0)(
    'refuses the socket of another user than the directory and the ledger',
    async () => {
      const run = join(directory, 'run');
      mkdirSync(run);
      mkdirSync(join(directory, 'ledger'));
      const socket = await listen(join(run, 'admin.sock'));
      chownSync(socket, 12345, 12345);
      expect((await refused({ socket })).message).toContain('belongs to uid 12345, its directory to uid 0');

      chownSync(run, 12345, 12345);
      const config = join(directory, 'chancery.yaml');
      writeFileSync(
        config,
        `version: 1
name: demo
sockets: { signer: { path: run/signer.sock }, admin: { path: run/admin.sock } }
ledger: { directory: ledger }
policy: policy.yaml
tokens: {}
`,
      );
      const error = await refused({ config });
      expect(error.code).toBe('PERMISSION_UNSAFE');
      expect(error.message).toContain('the ledger to uid 0');
    },
  );
});
