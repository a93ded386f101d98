import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { mustOwnLedger } from '../../../src/ceremony/ledger-owner.js';
import { ChanceryError } from '../../../src/core/errors.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
});

it('lets the owner write, and leaves a directory that is not there to others', () => {
  expect(() => {
    mustOwnLedger(directory);
    mustOwnLedger(join(directory, 'absent'), 4242);
  }).not.toThrow();
});

it('refuses whoever is not the owner, root too', () => {
  const other = (process.geteuid?.() ?? 0) + 1;
  expect(() => {
    mustOwnLedger(directory, other);
  }).toThrow(ChanceryError);
});
