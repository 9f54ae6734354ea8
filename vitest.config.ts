/** Which tests run, and how long one may take. */

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'properties/**/*.test.ts'],
    environment: 'node',
    // One module graph for all files that a worker runs: no test leaves anything in a module, and loading one costs more than most tests.
    isolate: false,
    // All of them: tests wait for programs as often as they compute.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/generated/**'] },
  },
});
