import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../../src/client/api.js';
import { whileBusy } from '../../support/busy-listener.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

it('a daemon with more connections waiting than it takes is not said to be stopped', async () => {
  const directory = temporaryDirectory();
  const socket = join(directory, 's');
  await whileBusy(socket, async () => {
    const error = await rejected(connect({ socket }));
    expect(error.code).toBe('DAEMON_UNREACHABLE');
    expect(error.hint).toMatch(/ask again/);
    expect(error.hint).not.toMatch(/chancery serve/);
  });
});
