/** Traces that show less than everything: what is not seen is not judged, and what is seen still is. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenario } from '../../properties/arbitraries/scenario.js';
import type { Level, Step, TraceEvent, TraceHeader } from '../../src/generated/types.js';
import type { Verdict } from '../../src/judge/judge.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { kernelNamed } from '../../src/kernels.js';
import type { Trace } from '../../src/run/scenario.js';
import { LEVELS } from '../../src/trace/level.js';
import { KINDS } from '../support/kernels.js';
import { seenAt } from '../support/levels.js';
import { played } from '../support/played.js';
import { goldenTraces } from '../support/recordings.js';

const judged = ({ header, steps }: Trace, by?: string): Verdict =>
  judgeTrace(header, steps, by === undefined ? undefined : kernelNamed(by));

/** How many of the traces have each verdict. */
function tally(traces: readonly Trace[], by?: string): Record<Verdict['verdict'], number> {
  const counts = { conforms: 0, violates: 0, undecided: 0 };
  for (const trace of traces) counts[judged(trace, by).verdict] += 1;
  return counts;
}

const handshake: readonly TraceEvent[] = [
  { syscall: 'listen', backlog: 1 },
  { segments: [1, 2].map((peer) => ({ peer, flags: ['SYN'], seq: 100 })) },
  { wait: 1_000_000 },
  { segments: [{ peer: 2, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }] },
  { wait: 15_000_000 },
  { segments: [{ peer: 1, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }] },
  { syscall: 'accept', nonblocking: true },
  { syscall: 'accept', nonblocking: true },
  { syscall: 'accept', nonblocking: true },
];

/** One field changed, each of its own level, in the step with the first handshake, the last `accept`, or the long wait. */
const changes: Readonly<Record<Level, (steps: Step[]) => Step>> = {
  results: (steps) => ({ ...(steps[8] as Step), result: 'EINVAL' }),
  segments: (steps) => ({ ...(steps[4] as Step), out: [] }),
  counters: (steps) => withObserved(steps[3], { counters: { ...steps[3]?.observed.counters, PassiveOpens: 2 } }),
  queues: (steps) => withObserved(steps[3], { listener: { state: 'LISTEN', acceptQueue: 2, maxAcceptQueue: 1 } }),
  sockets: (steps) => withObserved(steps[3], { sockets: [] }),
};

const withObserved = (step: Step | undefined, observed: Partial<Step['observed']>): Step =>
  ({ ...step, observed: { ...step?.observed, ...observed } }) as Step;

describe.each(KINDS)('on %s', (name, kernel) => {
  const golden = goldenTraces(`linux-${name}`).filter((_, i) => i % 20 === 0);
  const other = name === '2.6.32' ? '4.15' : '2.6.32';
  /** Of the traces, the share that the other kernel must not believe: a little less than measured. */
  const rejected: Readonly<Record<Level, number>> = {
    results: 0.18,
    segments: 0.75,
    counters: 0.83,
    queues: 0.83,
    sockets: 0.83,
  };

  it.each(LEVELS)('the golden traces conform with what is seen at the level %s', { timeout: 300_000 }, (level) => {
    const { conforms, violates, undecided } = tally(golden.map((trace) => seenAt(level, trace)));
    process.stdout.write(`${name}, ${level}: ${conforms} of ${golden.length} conform, ${undecided} undecided\n`);
    expect(violates).toBe(0);
    expect(undecided).toBeLessThanOrEqual(level === 'results' ? 2 : 0);
    expect(conforms + undecided).toBe(golden.length);
    expect(conforms).toBeGreaterThan(45);
  });

  it.each(LEVELS)(`many are rejected by ${other} with what is seen at the level %s`, { timeout: 300_000 }, (level) => {
    const { violates } = tally(
      golden.map((trace) => seenAt(level, trace)),
      other,
    );
    process.stdout.write(`${name}, ${level}: ${violates} of ${golden.length} rejected by ${other}\n`);
    expect(violates).toBeGreaterThanOrEqual(rejected[level] * golden.length);
  });

  it.each([1000, 250, 100])('whatever it plays with HZ=%i conforms at every level', { timeout: 300_000 }, (hz) => {
    fc.assert(
      fc.property(scenario(kernel), fc.constantFrom(...LEVELS), fc.nat(), (one, level, seed) => {
        const trace = played(kernel, one.events, { sysctl: one.sysctl, sockopt: one.sockopt, hz, seed });
        expect(judged(seenAt(level, trace))).toEqual({ verdict: 'conforms', steps: trace.steps.length });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it.each(LEVELS.flatMap((seen) => LEVELS.map((changed) => [changed, seen] as const)))(
    'a mistake among the %s is told exactly from its own level on: %s',
    (changed, seen) => {
      const trace = played(kernel, handshake);
      const wrong = changes[changed](trace.steps);
      const steps = trace.steps.map((step) => (step.at === wrong.at && step.event === wrong.event ? wrong : step));
      expect(steps).not.toEqual(trace.steps);
      const header: TraceHeader = { ...trace.header, observes: { level: seen } };
      const told = LEVELS.indexOf(seen) >= LEVELS.indexOf(changed);
      expect(judgeTrace(header, steps).verdict).toBe(told ? 'violates' : 'conforms');
    },
  );

  it('only the counters that are named are judged', () => {
    const trace = played(kernel, handshake);
    const steps = [...trace.steps];
    steps[3] = changes.counters(steps);
    const seeing = (counters: string[]): TraceHeader => ({
      ...trace.header,
      observes: { level: 'counters', counters },
    });
    expect(judgeTrace(seeing(['PassiveOpens', 'InSegs']), steps)).toMatchObject({
      field: 'observed.counters.PassiveOpens',
    });
    expect(judgeTrace(seeing(['InSegs', 'TCPTimeouts']), steps).verdict).toBe('conforms');
    expect(judgeTrace(seeing(['InSegs', 'NoSuchThing']), steps).verdict).toBe('conforms');
  });

  it('without segments, a client that comes back too late is not believed to be accepted', () => {
    const trace = played(kernel, [
      { syscall: 'listen', backlog: 1 },
      { segments: [{ peer: 1, flags: ['SYN'], seq: 100 }] },
      { wait: 300_000_000 },
      { segments: [{ peer: 1, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }] },
      { syscall: 'accept', nonblocking: true },
    ]);
    const { header, steps } = seenAt('results', trace);
    expect(judgeTrace(header, steps).verdict).toBe('conforms');
    const last = { ...(steps[4] as Step), result: 0 as const, accepted: 1 };
    expect(judgeTrace(header, [...steps.slice(0, 4), last])).toMatchObject({ field: 'result', expected: 'EAGAIN' });
  });

  it('without segments, a request may have gone or not just when its last timer is due', () => {
    const at = name === '2.6.32' ? 191_000_000 : 63_030_000;
    const verdicts = [0, 'EAGAIN'].map((result) => {
      const trace = played(kernel, [
        { syscall: 'listen', backlog: 1 },
        { segments: [{ peer: 1, flags: ['SYN'], seq: 100 }] },
        { wait: at },
        { segments: [{ peer: 1, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }] },
        { syscall: 'accept', nonblocking: true },
      ]);
      const { header, steps } = seenAt('results', trace);
      const { accepted: _, ...last } = steps[4] as Step;
      const told = { ...last, result, ...(result === 0 ? { accepted: 1 } : {}) } as Step;
      return judgeTrace(header, [...steps.slice(0, 4), told]).verdict;
    });
    expect(verdicts).toEqual(['conforms', 'conforms']);
  });
});
