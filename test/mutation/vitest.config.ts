import { defineConfig } from 'vitest/config';

/** The tests of the pure job rules only, for Stryker, which runs them again for each mutant. */
export default defineConfig({
  test: { include: ['test/runner/job/**/*.test.ts'], isolate: false },
});
