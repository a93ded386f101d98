import { defineConfig } from 'vitest/config';
import { SuiteBudgets } from './test/support/suite-budgets.js';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    expect: { requireAssertions: true },
    setupFiles: ['test/support/patterns.ts'],
    reporters: [new SuiteBudgets(), 'default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'code',
          include: ['test/{unit,property,hostile,structure}/**/*.test.ts'],
          // Nothing of ours keeps state in a module, and to load all of it again for each file takes as long as the tests.
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Real processes, tokens and sockets, run from dist/.
        extends: true,
        test: {
          name: 'system',
          include: ['test/{integration,fault,e2e}/**/*.test.ts'],
          globalSetup: ['test/support/build-dist.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
