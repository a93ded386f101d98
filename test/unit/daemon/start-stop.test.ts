import { expect, it } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import { Run } from '../../../src/daemon/start-stop.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { Log } from '../../../src/operations/log.js';
import type { Denials } from '../../../src/signing/denials.js';
import { signingRig, type Rig } from '../../support/signing-rig.js';

const quiet = new Log('error', { write: () => undefined, flush: () => undefined });
const tokens = { moduleDigests: () => ({}) };

const bounds = (rig: Rig): string[] =>
  rig.entries().flatMap(({ type }) => (type === 'start' || type === 'stop' ? [type] : []));

it('I3: a process starts once, however often a rollback is accepted while it runs', async () => {
  const rig = await signingRig();
  const run = new Run(rig.path, tokens, quiet);
  await Promise.all([run.start(), run.start()]);
  await run.start();
  await run.stop('SIGTERM');
  await run.start();
  expect(bounds(rig)).toEqual(['start', 'stop']);
});

it('I3: nothing is authorized outside of them: a `start` would seem to abandon it, a `stop` to be before it', async () => {
  const rig = await signingRig();
  const run = new Run(rig.path, tokens, quiet);
  expect(run.stops()).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  await run.start();
  expect(run.stops()).toBeNull();
  const stopping = run.stop('SIGTERM');
  expect(run.stops()).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  await stopping;
});

it('a start that could not be written is written when it is asked for again', async () => {
  const rig = await signingRig();
  let full = true;
  const ledger = Object.create(rig.ledger, {
    transact: {
      value: (decide: Parameters<Ledger['transact']>[0]) =>
        full ? Promise.reject(new ChanceryError('LEDGER_UNAVAILABLE', 'full')) : rig.ledger.transact(decide),
    },
  }) as Ledger;
  const run = new Run({ ledger, denials: rig.path.denials }, tokens, quiet);
  await expect(run.start()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  expect(run.stops()).not.toBeNull();
  full = false;
  await run.start();
  expect(run.stops()).toBeNull();
  expect(bounds(rig)).toEqual(['start']);
});

it('I10: the stop is written also when the counts of denials find no room', async () => {
  const rig = await signingRig();
  const full = new ChanceryError('LEDGER_UNAVAILABLE', 'what is left of the ledger is kept');
  const denials = { flush: () => Promise.reject(full) } as unknown as Denials;
  const run = new Run({ ledger: rig.ledger, denials }, tokens, quiet);
  await run.start();
  await run.stop('SIGTERM');
  expect(bounds(rig)).toEqual(['start', 'stop']);
});
