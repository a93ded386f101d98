import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../support/site/site.js';

const BINARY = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let site: Site;
beforeAll(async () => {
  site = await Site.make();
});
afterAll(async () => {
  await site.remove();
});

/** In bash, where `chancery` is the real binary and `$CONFIG` the site's. */
function shell(line: string): {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', `set -o pipefail; chancery() { "$NODE" "$BINARY" "$@"; }; ${line}`],
    { encoding: 'utf8', env: { ...process.env, NODE: process.execPath, BINARY, CONFIG: site.config } },
  );
  return { code: status, stdout, stderr };
}

describe('where output goes', () => {
  it.each(['--help', 'policy show --config "$CONFIG"', 'ledger tail --config "$CONFIG" --json'])(
    'chancery %s to a full disk is an error with a code, not a trace',
    (words) => {
      const { code, stderr } = shell(`chancery ${words} > /dev/full`);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: FILE_UNREADABLE: cannot write standard output \(ENOSPC: no space left on device\)\nhint: .+\n$/,
      );
    },
  );

  it.each([
    ['frobnicate', 2],
    ['status --config "$CONFIG"', 3],
    ['ledger show 99 --config "$CONFIG"', 2],
    ['policy check /absent', 1],
  ])('chancery %s exits with %d also where standard error is full or closed', (words, expected) => {
    expect(shell(`chancery ${words} 2> /dev/full`).code).toBe(expected);
    expect(shell(`chancery ${words} 2>&-`).code).toBe(expected);
  });

  it('who signs must be able to read what for: where nobody reads, nothing is signed, and that is no success', () => {
    const request = join(site.directory, 'unread.json');
    const asked = `--workload spiffe://dev.chancery.local/agent --key trading-1 --ttl 30m`;
    expect(shell(`chancery attest request ${request} --config "$CONFIG" ${asked}`).code).toBe(0);
    const sign = `chancery attest sign ${request} --config "$CONFIG" --identity ${site.directory}/secrets/sovereign`;
    const { code, stderr } = shell(`${sign} | true`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: ABORTED: nobody reads .*: nothing was done\nhint: .+\n$/);
    expect(existsSync(join(site.directory, 'unread.statement.json'))).toBe(false);
    expect(shell(`${sign} | cat`).code).toBe(0);
    expect(existsSync(join(site.directory, 'unread.statement.json'))).toBe(true);
  });

  it.each(['--help', 'policy show --config "$CONFIG"', 'ledger tail --config "$CONFIG"'])(
    'chancery %s is content with a reader that has seen enough',
    (words) => {
      expect(shell(`chancery ${words} | head -n 1`)).toMatchObject({ code: 0, stderr: '' });
      expect(shell(`chancery ${words} | true`)).toMatchObject({ code: 0, stderr: '' });
    },
  );

  it('a reader that has seen enough does not turn a damaged ledger into a sound one', () => {
    const segment = join(site.ledger, '000000000000.ledger');
    const bytes = readFileSync(segment);
    const damaged = Buffer.from(bytes);
    damaged[100] = damaged[100]! ^ 1;
    writeFileSync(segment, damaged);
    expect(shell('chancery ledger verify --config "$CONFIG" | true').code).toBe(12);
    writeFileSync(segment, bytes);
    expect(shell('chancery ledger verify --config "$CONFIG" | true').code).toBe(0);
  });
});
