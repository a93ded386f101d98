// usage: node scripts/fuzz.mjs [--minutes N] [--seed N]
// Compares counted with real losses for N minutes from a fresh seed; an undercount is minimised and saved.
import console from 'node:console';
import process from 'node:process';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run fuzz -- [--minutes N] [--seed N]');
  process.exit(2);
}
console.log(`seed ${String(seed)}, ${String(minutes)} minutes`);
const run = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/property/solana/fuzz.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, CHANCERY_FUZZ_MINUTES: String(minutes), CHANCERY_FUZZ_SEED: String(seed) },
  },
);
process.exitCode = run.status ?? 1;
