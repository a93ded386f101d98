// Applies each mutation of test/mutations to a copy of the sources and demands that the loss test, or those tests it
// names, fail.
// usage: node scripts/mutations.mjs [part of a name]; CHANCERY_LOSS_TRANSACTIONS bounds each run (default 20000).
import console from 'node:console';
import process from 'node:process';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutations as custody } from '../test/mutations/custody.mjs';
import { mutations as policy } from '../test/mutations/policy.mjs';
import { mutations as solana } from '../test/mutations/solana.mjs';
import { mutations as verifier } from '../test/mutations/verifier.mjs';

const wanted = process.argv[2] ?? '';
const root = mkdtempSync(join(tmpdir(), 'mutations-'));
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const survivors = [];
const LOSS = ['test/property/solana/loss.test.ts'];
const selected = [...solana, ...policy, ...verifier, ...custody].filter((mutation) =>
  mutation.name.includes(wanted),
);

function fresh() {
  for (const folder of ['src', 'profiles', 'test/support', 'test/property', 'test/unit', 'test/vectors']) {
    rmSync(join(root, folder), { recursive: true, force: true });
    cpSync(folder, join(root, folder), { recursive: true });
  }
  for (const file of ['package.json', 'tsconfig.json', 'vitest.config.ts']) cpSync(file, join(root, file));
  if (!existsSync(join(root, 'node_modules')))
    symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
}

function mutate({ file, find, replace }) {
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  const parts = text.split(find);
  if (parts.length !== 2)
    throw new Error(`${file}: ${String(parts.length - 1)} places match ${JSON.stringify(find)}`);
  writeFileSync(path, parts.join(replace));
}

function runTests(tests) {
  const run = spawnSync(process.execPath, [vitest, 'run', ...tests], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    timeout: 600_000,
  });
  return {
    failed: run.status !== 0,
    found:
      /undercount \(([^)]+)\)/.exec(run.stdout)?.[1] ??
      (tests === LOSS ? undefined : /AssertionError: (.{0,60})/.exec(run.stdout + run.stderr)?.[1]),
    output: run.stdout + run.stderr,
  };
}

try {
  for (const mutation of selected) {
    fresh();
    for (const change of [mutation, ...(mutation.also ?? [])]) mutate(change);
    const started = process.hrtime.bigint();
    const { failed, found, output } = runTests(mutation.tests ?? LOSS);
    const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000;
    // A run that fails without an undercount, or another assertion, found nothing: it broke.
    const killed = failed && found !== undefined;
    if (!killed) survivors.push(mutation.name);
    console.log(
      `${killed ? 'killed  ' : failed ? 'BROKEN  ' : 'SURVIVED'} ${seconds.toFixed(1)} s  ${mutation.name}${found ? `  (${found})` : ''}`,
    );
    if (failed && !killed)
      console.log(
        output
          .split('\n')
          .slice(-40)
          .map((line) => line.slice(0, 300))
          .join('\n'),
      );
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(`${String(selected.length - survivors.length)} of ${String(selected.length)} mutations killed`);
process.exitCode = survivors.length === 0 && selected.length > 0 ? 0 : 1;
