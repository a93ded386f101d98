import { expect, it } from 'vitest';
import { Run } from '../../../src/daemon/start-stop.js';
import type { Tokens } from '../../../src/daemon/tokens.js';
import { Log } from '../../../src/operations/log.js';
import { signingRig } from '../../support/signing-rig.js';

it('I3: a process starts once, however often a rollback is accepted while it runs', async () => {
  const rig = await signingRig();
  const tokens = { moduleDigests: () => ({}) } as unknown as Tokens;
  const run = new Run(rig.path, tokens, new Log('error', { write: () => undefined, flush: () => undefined }));
  await run.start();
  await run.start();
  await run.stop('SIGTERM');
  const types = rig.entries().map(({ type }) => type);
  expect(types.filter((type) => type === 'start' || type === 'stop')).toEqual(['start', 'stop']);
});
