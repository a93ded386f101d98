import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Runs `work` while a stopped process listens at `path`, with more connections waiting than it takes. */
export async function whileBusy(path: string, work: () => Promise<void>): Promise<void> {
  const listen = `require('node:net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => console.log('up'))`;
  const busy = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  const waiting: Socket[] = [];
  try {
    await once(busy.stdout, 'data');
    busy.kill('SIGSTOP');
    for (let n = 0; n < 4; n++) waiting.push(connect(path).on('error', () => undefined));
    await work();
  } finally {
    for (const socket of waiting) socket.destroy();
    busy.kill('SIGKILL');
    await once(busy, 'exit');
  }
}
