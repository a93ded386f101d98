import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sdNotify } from '../../../src/os/sd-notify.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** A service manager's end: prints one datagram. */
const MANAGER = `
import socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0" + name[1:] if name.startswith("@") else name)
print("bound", flush=True)
print(s.recv(4096).decode(), flush=True)
`;

async function receive(address: string, send: () => boolean): Promise<string> {
  const manager = spawn('python3', ['-c', MANAGER, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let sent: boolean | undefined;
  manager.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (text.includes('bound\n')) sent ??= send();
  });
  await new Promise((resolve) => manager.once('close', resolve));
  expect(sent).toBe(true);
  return text.replace('bound\n', '').trimEnd();
}

describe('sdNotify', () => {
  it('reaches a manager at a path', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'notify');
    expect(await receive(path, () => sdNotify('READY=1', path))).toBe('READY=1');
  });

  it('reaches a manager in the abstract namespace, and sends one line whatever the status says', async () => {
    const name = `@chancery-test-${String(process.pid)}`;
    expect(await receive(name, () => sdNotify('STATUS=a\nREADY=1', name))).toBe('STATUS=a READY=1');
  });

  it.each([undefined, '', 'relative/path', '/absent/notify', `/${'x'.repeat(200)}`])(
    'does nothing, and says so, without a manager: %s',
    (address) => {
      expect(sdNotify('READY=1', address)).toBe(false);
    },
  );
});
