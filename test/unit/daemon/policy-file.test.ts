import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { STATEMENT_BACK } from '../../../src/ceremony/statement-back.js';
import { describeError } from '../../../src/cli/fail.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { loadPolicyInForce } from '../../../src/daemon/load-policy.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

it.each([
  [
    'is empty',
    (path: string) => {
      writeFileSync(path, '');
    },
    /policy\.yaml\.sig: .*JSON/,
  ],
  [
    'is no statement',
    (path: string) => {
      writeFileSync(path, '{}\n');
    },
    /policy\.yaml\.sig: /,
  ],
  [
    'is a pipe',
    (path: string) => {
      execFileSync('mkfifo', [path]);
    },
    /policy\.yaml\.sig is a pipe and no file$/,
  ],
  ['is not there', () => undefined, /cannot read .*policy\.yaml\.sig$/],
])(
  'of the policy in force a signature file that %s is told by its name, and how it is had again',
  async (_, put, message) => {
    const path = join(directory, 'policy.yaml');
    const text = 'version: 1\n';
    writeFileSync(path, text);
    put(`${path}.sig`);
    const policy = { sha256: sha256Hex(Buffer.from(text)), serial: 1, id: '0'.repeat(32) };
    const ledger = { state: { policy, origin: 'chancery.local/dev/0000000000000000' } } as unknown as Ledger;
    const error = await rejected(loadPolicyInForce(path, ledger));
    expect(error).toMatchObject({ code: 'POLICY_NOT_IN_FORCE', hint: STATEMENT_BACK });
    expect(error.message).toMatch(message);
    expect(describeError(error).text.includes('(ENOENT:')).toBe(!existsSync(`${path}.sig`));
  },
);
