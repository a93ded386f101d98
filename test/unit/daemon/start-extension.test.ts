import { expect, it } from 'vitest';
import { startExtension } from '../../../src/daemon/start-extension.js';

it('asks for ten minutes more at once, and each ten seconds in which the ledger is still read', () => {
  let now = 5;
  const told: string[] = [];
  const extend = startExtension(
    (state) => told.push(state),
    () => now,
  );
  for (let read = 0; read <= 250; read++) {
    extend();
    now += 100;
  }
  expect(told).toEqual(Array.from({ length: 3 }, () => 'EXTEND_TIMEOUT_USEC=600000000'));
});
