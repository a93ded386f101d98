import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createLedger } from '../../../../src/ledger/store/create.js';
import { nodeFiles } from '../../../../src/os/files.js';
import { genesis, policy } from '../../../support/ledger-bodies.js';
import { StillClock } from '../../../support/ledger-clock.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const GUIDE = join(import.meta.dirname, '../../../../docs/architecture/ledger.md');

it('a stranger checks a line with the commands of the documentation', async () => {
  const directory = temporaryDirectory();
  await createLedger({
    directory,
    files: nodeFiles(),
    clock: new StillClock(),
    genesis: [genesis(), policy()],
  });
  const [, commands] = /```sh\n([^`]+)```/.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  const output = execFileSync('sh', ['-eu', '-c', commands!], { cwd: directory, encoding: 'utf8' });
  const [computed, stated] = output.trim().split('\n');
  expect(computed).toMatch(/^[0-9a-f]{64} {2}-$/);
  expect(computed?.slice(0, 64)).toBe(stated);
});
