import { expect, it } from 'vitest';
import { Closing } from '../../../src/daemon/closing.js';
import { Log } from '../../../src/operations/log.js';

it('I9, I10: closes each part in reverse, also when one before fails, says which, and rejects with the first', async () => {
  const lines: string[] = [];
  const closing = new Closing(
    new Log('error', { write: (line) => lines.push(line), flush: () => undefined }),
  );
  const closed: string[] = [];
  for (const part of ['ledger', 'token', 'loop', 'socket']) {
    closing.push((reason) => {
      closed.push(`${part} ${reason}`);
      return part === 'token' || part === 'loop'
        ? Promise.reject(new Error(`${part} fails`))
        : Promise.resolve();
    });
  }
  await expect(closing.close('SIGTERM')).rejects.toThrow('loop fails');
  expect(closed).toEqual(['socket SIGTERM', 'loop SIGTERM', 'token SIGTERM', 'ledger SIGTERM']);
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
    'Error: loop fails',
    'Error: token fails',
  ]);
  await closing.close('again');
  expect(closed).toHaveLength(4);
});
