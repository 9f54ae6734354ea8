import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv } from '../../src/export/csv.js';
import { kernelNamed } from '../../src/kernels.js';
import type { MarkKind, Timeline } from '../../src/timeline/timeline.js';
import { timelineOf } from '../../src/timeline/timeline-of.js';
import { CHANCE, traces } from './generated.js';

const KINDS: readonly MarkKind[] = [
  'syn-dropped',
  'ack-dropped',
  'cookie',
  'reset',
  'retransmission',
  'accepted',
  'expired',
];
const COLUMNS =
  'time_s,syn_queue,young,accept_queue,syn_limit,accept_limit,syns_dropped,acks_dropped,cookies,resets,retransmissions,accepted,expired';

const timeline: Timeline = {
  kernel: '4.15',
  title: 'small',
  from: 0,
  until: 3_000_000,
  samples: [
    { at: 0, synQueue: 0, young: 0, acceptQueue: 0, synLimit: undefined, acceptLimit: undefined },
    { at: 1_000_000, synQueue: 3, young: 2, acceptQueue: 1, synLimit: 1, acceptLimit: 2 },
  ],
  marks: [
    { at: 500_000, kind: 'syn-dropped', count: 2, rule: undefined, peer: 1 },
    { at: 1_000_000, kind: 'reset', count: 1, rule: undefined, peer: 1 },
  ],
};

describe('comma-separated values', () => {
  it('have a head, lines that end as RFC 4180 says, seconds, and nothing where there is no limit', () => {
    expect(csv(timeline)).toBe(
      [COLUMNS, '0.000000,0,0,0,,,0,0,0,0,0,0,0', '1.000000,3,2,1,1,2,2,0,0,1,0,0,0', ''].join('\r\n'),
    );
  });

  it('end with what was counted after the last sample', () => {
    const late = { at: 2_000_000, kind: 'expired', count: 4, rule: undefined, peer: 1 } as const;
    const rows = csv({ ...timeline, marks: [...timeline.marks, late] }).split('\r\n');
    expect(rows[3]).toBe('3.000000,3,2,1,1,2,2,0,0,1,0,0,4');
    expect(rows[4]).toBe('');
  });

  it('have a row for each sample of any trace, and the sums of its marks', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const kernel = kernelNamed(trace.header.kernel.variant);
        if (kernel === undefined) throw new Error(trace.header.kernel.variant);
        const made = timelineOf(trace, kernel).timeline;
        const [head, ...rows] = csv(made).trimEnd().split('\r\n');
        expect(head).toBe(COLUMNS);
        const isMore = (made.marks.at(-1)?.at ?? 0) > (made.samples.at(-1)?.at ?? Number.POSITIVE_INFINITY);
        expect(rows).toHaveLength(made.samples.length + (isMore ? 1 : 0));
        made.samples.forEach(({ at, synQueue, young, acceptQueue }, i) => {
          const [time, ...values] = (rows[i] as string).split(',').map(Number);
          expect(Math.round((time as number) * 1e6)).toBe(Math.round(at));
          expect(values.slice(0, 3)).toEqual([synQueue, young, acceptQueue]);
          const sums = KINDS.map((kind) =>
            made.marks.filter((mark) => mark.kind === kind && mark.at <= at).reduce((sum, mark) => sum + mark.count, 0),
          );
          expect(values.slice(5)).toEqual(sums);
        });
      }),
      CHANCE,
    );
  });
});
