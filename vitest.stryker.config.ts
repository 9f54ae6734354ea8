/** Which tests mutation testing runs: those of the models and of the judge, and then a compact selection of traces, each a test. */

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Unit tests before traces: most mutants do not survive those, and the traces need not be loaded. */
class UnitTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const traces = ({ moduleId }: TestSpecification): number => (moduleId.endsWith('.mutation.ts') ? 1 : 0);
    return [...files].sort((a, b) => traces(a) - traces(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/{linux-*,judge,host}/**/*.test.ts', 'test/mutation/*.mutation.ts'],
    exclude: ['test/judge/other-kernel.test.ts'],
    environment: 'node',
    isolate: false,
    globalSetup: 'test/mutation/setup.ts',
    sequence: { sequencer: UnitTestsFirst },
  },
});
