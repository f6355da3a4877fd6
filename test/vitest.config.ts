import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // Worker threads share one process, so an add-on that crashes would take every test with it.
    pool: 'forks',
    globalSetup: 'fixtures/one-temporary-folder.ts',
    maxWorkers: 2,
    // The slowest tests run the whole program, on two cores that they may share.
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
