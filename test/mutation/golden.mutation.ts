/** Golden traces as tests of their own, so that of each it is known which code it needs. */

import { readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import type { GoldenTrace } from '../support/recordings.js';

const traces = JSON.parse(readFileSync(inject('compactTraces'), 'utf8')) as GoldenTrace[];

describe('a golden trace', () => {
  it.each(traces.map((trace) => [trace.header.kernel.release, trace.header.id, trace] as const))(
    'of %s, %s, conforms',
    (_, __, { header, steps }) => {
      expect(judgeTrace(header, steps).verdict).toBe('conforms');
    },
  );
});
