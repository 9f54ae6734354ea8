/** Which tests run, and how long one may take. */

import { defineConfig } from 'vitest/config';

/**
 * Many small files: loading the models costs more than their tests, so the files that a worker runs share what it has loaded. The others compute for long,
 * which is the slower the more a worker has done before, or start programs, which is the slower the larger it has grown.
 */
const SMALL = [
  'test/{export,host,linux-*,properties,run,timeline,trace}/**/*.test.ts',
  'test/report/*.test.ts',
  'test/scripts/!(fixed-mutants).test.ts',
];

export default defineConfig({
  test: {
    environment: 'node',
    // All of them: tests wait for programs as often as they compute.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/generated/**'] },
    projects: [
      { extends: true, test: { name: 'small', include: SMALL, isolate: false } },
      { extends: true, test: { name: 'large', include: ['{test,properties}/**/*.test.ts'], exclude: SMALL } },
    ],
  },
});
