import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

/** A program of this name, before the machine's own. */
function program(name: string, script: string): void {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function run(path: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('/bin/bash', ['scripts/system-packages', '--tests'], {
    encoding: 'utf8',
    env: { PATH: path },
  });
}

describe('scripts/system-packages', () => {
  it('asks for nothing where nothing is missing: whoever is not root could not install it', () => {
    program('apt-get', 'echo apt-get was run >&2; exit 100');
    program('sudo', 'exit 1');
    expect(run(`${directory}:${process.env['PATH'] ?? ''}`)).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('names what is missing and what to run, when it may not install it', () => {
    program('id', 'echo 1000');
    program('sudo', 'exit 1');
    // `command -v jq` finds nothing in a directory of the few programs that the script itself needs.
    for (const name of ['bash', 'env', 'node', 'npm', 'uname', 'apt-get']) {
      program(name, `PATH='${process.env['PATH'] ?? ''}' exec ${name} "$@"`);
    }
    const { status, stderr } = run(directory);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: SYSTEM_PACKAGE_MISSING: softhsm2 openssh-client python3 make g\+\+ gcc jq openssl curl\n/,
    );
    expect(stderr).toContain(
      'hint: run this, then the same command again: sudo apt-get update && sudo apt-get install',
    );
  });
});
