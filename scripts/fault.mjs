// usage: node scripts/fault.mjs daemon|crash [--minutes N] [--seed N]
// daemon: for N minutes the real daemon, its HSM host, its disk and its clock fail under load, and clients, ledger and
// meters are compared after each fault. crash: the power is cut at random points of random histories of the ledger, on a
// disk in memory. Exits with 1 at the first difference.
// The seed gives the moments and the histories; when a process is killed it is never twice at the same instruction.
import console from 'node:console';
import process from 'node:process';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const TESTS = { daemon: 'test/fault/daemon/campaign.test.ts', crash: 'test/fault/ledger/crash.test.ts' };

function usage() {
  console.error(
    'usage: npm run fault -- [--minutes N] [--seed N]\n       npm run crash -- [--minutes N] [--seed N]',
  );
  process.exit(2);
}

const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
    });
  } catch {
    return usage();
  }
})();
const test = TESTS[positionals[0]];
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (test === undefined || positionals.length > 1 || !(minutes > 0) || !Number.isSafeInteger(seed)) usage();
console.log(`seed ${String(seed)}, ${String(minutes)} minutes`);
const vitest = [
  'node_modules/vitest/vitest.mjs',
  'run',
  test,
  '--disable-console-intercept',
  '--reporter=default',
];
const run = spawnSync(process.execPath, vitest, {
  stdio: 'inherit',
  env: { ...process.env, CHANCERY_FAULT_MINUTES: String(minutes), CHANCERY_FAULT_SEED: String(seed) },
});
process.exitCode = run.status === 0 ? 0 : 1;
if (run.status !== 0) {
  const script = positionals[0] === 'crash' ? 'crash' : 'fault';
  console.error(`failed; again: npm run ${script} -- --minutes ${String(minutes)} --seed ${String(seed)}`);
}
