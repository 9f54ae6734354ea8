/** Segments that leave between a reading and the next event are found when that event begins, however much later that is. */

import { describe, expect, it } from 'vitest';
import type { Step, TraceEvent } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Trace } from '../../src/run/scenario.js';
import { playScenario, traceStep } from '../../src/run/scenario.js';

const TOLERANCE = { timer: 1300, next: 200 };

/**
 * Two requests are answered again after a second, and all of it is found only by the event after it: no step says that the time passed.
 * @param after µs of the waits before and after the gap
 */
function foundBy(event: TraceEvent, after: number): Trace {
  const syn = (peer: number): TraceEvent => ({ segments: [{ peer, flags: ['SYN'], seq: 100 }] });
  const events: TraceEvent[] = [
    { syscall: 'listen', backlog: 10 },
    syn(1),
    syn(2),
    { wait: 900_000 },
    { wait: 600_000 },
    event,
    { wait: after },
  ];
  const scenario = { sysctl: { 'net.ipv4.tcp_syncookies': 0 }, sockopt: {}, events };
  const { header, steps: played } = playScenario(linux_4_15, scenario, { hz: 250 });
  const steps: Step[] = played.map(traceStep);
  const [gap, finder] = steps.splice(4, 2) as [Step, Step];
  expect(gap.out).toHaveLength(2);
  const counters = { ...gap.observed.counters };
  for (const [name, by] of Object.entries(finder.observed.counters)) counters[name] = (counters[name] ?? 0) + by;
  const late = gap.out.map((segment) => ({ ...segment, at: finder.at }));
  steps.splice(4, 0, { ...finder, out: [...late, ...finder.out], observed: { ...finder.observed, counters } });
  return { header: { ...header, origin: 'subject', tolerance: TOLERANCE }, steps };
}

const verdict = ({ header, steps }: Trace): string => judgeTrace(header, steps).verdict;

describe('what is found later', () => {
  it.each<[string, TraceEvent]>([
    ['a system call', { syscall: 'accept', nonblocking: true }],
    ['segments', { segments: [{ peer: 3, flags: ['SYN'], seq: 100 }] }],
    ['a wait', { wait: 100_000 }],
  ])('by %s has the time of that', (_, event) => {
    expect(verdict(foundBy(event, 3_000_000))).toBe('conforms');
  });

  it('is not later than that', () => {
    const trace = foundBy({ wait: 100_000 }, 1000);
    const [step] = trace.steps.slice(4, 5) as [Step];
    const later = { ...step, out: step.out.map((segment) => ({ ...segment, at: segment.at + 5000 })) };
    const steps = trace.steps.with(4, later);
    expect(verdict({ ...trace, steps })).toBe('violates');
  });
});
