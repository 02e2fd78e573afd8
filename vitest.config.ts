import { defineConfig } from 'vitest/config';

const conditions = ['module-sync', 'node'];

export default defineConfig({
  // As Node itself resolves: otherwise graphql is loaded in two builds, whose types are strangers to each other.
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/nothing-left-open.ts'],
    // Processes, not threads: tests change signals, environment and open files of their process.
    pool: 'forks',
    // The tests of leaks collect garbage before they measure.
    execArgv: ['--expose-gc'],
    // For two cores. Each file starts servers and Pythons of its own, but waits for them, for browsers or for Slurm about half of the time.
    maxWorkers: 3,
    // Bounds for what hangs, far above what anything takes: real Pythons import PyTorch on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
