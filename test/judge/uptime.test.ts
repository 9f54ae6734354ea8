/** A trace that says for how long the machine had been up is judged by that, one that does not as if it were far from where it matters. */

import { describe, expect, it } from 'vitest';
import type { Step, TraceEvent, TraceHeader } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { played } from '../support/played.js';
import { goldenTraces } from '../support/recordings.js';

const SECOND = 1_000_000;
const FAILED = 'SyncookiesFailed';
const HZ = 250;
const TICK = SECOND / HZ;

const stray = (peer: number): TraceEvent => ({
  segments: [{ peer, flags: ['ACK'], seq: 1, ack: { of: 'nothing', plus: 1 } }],
});
const EVENTS: readonly TraceEvent[] = [{ syscall: 'listen', backlog: 4 }, stray(1)];

const upFor = (header: TraceHeader, uptime: number): TraceHeader => ({
  ...header,
  kernel: { ...header.kernel, uptime },
});

/** The steps, but that each ACK counts SyncookiesFailed, or does not. */
const counting = (steps: readonly Step[], failed: readonly boolean[]): Step[] => {
  const rest = [...failed];
  return steps.map((step) => {
    if (!('segments' in step.event)) return step;
    const { [FAILED]: _, ...counters } = step.observed.counters;
    return {
      ...step,
      observed: { ...step.observed, counters: rest.shift() === true ? { ...counters, [FAILED]: 1 } : counters },
    };
  });
};

const verdict = (header: TraceHeader, steps: readonly Step[]): string => {
  const judged = judgeTrace(header, steps);
  return judged.verdict === 'violates' ? judged.field : judged.verdict;
};

describe('the ACK to a listener that never sent a cookie', () => {
  const { header, steps } = played(linux_5_10, EVENTS, { hz: HZ });
  const [none, one] = [[false], [true]].map((failed) => counting(steps, failed)) as [Step[], Step[]];

  it('counts nothing where the uptime is not known', () => {
    expect(verdict(header, none)).toBe('conforms');
    expect(verdict(header, one)).toBe(`observed.counters.${FAILED}`);
  });

  it.each([0, 298, 421, 10_000, (2 ** 32 / HZ) | 0])('counts nothing after %d s of uptime', (seconds) => {
    const told = upFor(header, seconds * SECOND);
    expect(verdict(told, none)).toBe('conforms');
    expect(verdict(told, one)).toBe(`observed.counters.${FAILED}`);
  });

  it.each([300, 360, 419, 2 ** 32 / HZ + 300])('counts SyncookiesFailed after %d s of uptime', (seconds) => {
    const told = upFor(header, Math.round(seconds * SECOND));
    expect(verdict(told, one)).toBe('conforms');
    expect(verdict(told, none)).toBe(`observed.counters.${FAILED}`);
  });

  it('may do both within a jiffy of the begin and of the end', () => {
    const allowed = (uptime: number): string =>
      [none, one].map((steps) => (verdict(upFor(header, uptime), steps) === 'conforms' ? 'yes' : 'no')).join();
    const begin = 299 * SECOND;
    expect([-TICK - 1, -TICK + 1, 0, TICK - 1, TICK + 1].map((by) => allowed(begin + by))).toEqual([
      'yes,no',
      'yes,yes',
      'yes,yes',
      'yes,yes',
      'no,yes',
    ]);
    // The last jiffy counts as a whole.
    const end = 420 * SECOND + TICK;
    expect([-TICK - 1, -TICK + 1, 0, TICK - 1, TICK + 1].map((by) => allowed(end + by))).toEqual([
      'no,yes',
      'yes,yes',
      'yes,yes',
      'yes,yes',
      'yes,no',
    ]);
  });

  it('may do both for longer where jiffies may be counted late', () => {
    const late = { ...upFor(header, 299 * SECOND - 5 * TICK), tolerance: { timer: 5 * TICK, next: TICK } };
    expect([none, one].map((steps) => verdict(late, steps))).toEqual(['conforms', 'conforms']);
  });

  it('does not go back to counting nothing', () => {
    const apart = TICK / 4;
    const twice = played(linux_5_10, [...EVENTS, { wait: apart }, stray(2)], { hz: HZ });
    const told = upFor(twice.header, 299 * SECOND);
    const allowed = (...failed: boolean[]): boolean => verdict(told, counting(twice.steps, failed)) === 'conforms';
    expect([allowed(false, false), allowed(false, true), allowed(true, true)]).toEqual([true, true, true]);
    expect(allowed(true, false)).toBe(false);
  });
});

describe('recordings of the first minutes after boot', () => {
  const recordings = goldenTraces('uptime');

  it.each(recordings)('$file:$line conforms, and would not without its uptime', ({ header, steps }) => {
    expect(verdict(header, steps)).toBe('conforms');
    const { uptime, ...kernel } = header.kernel;
    expect(uptime).toBeGreaterThan(290 * SECOND);
    expect(verdict({ ...header, kernel }, steps)).not.toBe('conforms');
    for (const seconds of [200, 500]) expect(verdict(upFor(header, seconds * SECOND), steps)).not.toBe('conforms');
  });
});
