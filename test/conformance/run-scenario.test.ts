import { describe, expect, it } from 'vitest';
import { modelSubject, runScenario, type Subject, SubjectError } from '../../src/conformance/index.js';
import type { Level, SubjectEvent, TraceEvent } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { KERNELS } from '../../src/kernels.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { playScenario, type Scenario, traceStep } from '../../src/run/scenario.js';
import { TraceChecker } from '../../src/trace/check.js';
import { goldenTraces } from '../support/recordings.js';
import { type Changes, changed } from './subjects.js';

const LISTEN: TraceEvent = { syscall: 'listen', backlog: 5 };
const SYN: TraceEvent = { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] };
const ACK: TraceEvent = { segments: [{ peer: 1, flags: ['ACK'], seq: 1001, ack: { of: 'synack', plus: 1 } }] };
const ACCEPT: TraceEvent = { syscall: 'accept', nonblocking: true };
const WAIT: TraceEvent = { wait: 2_000_000 };

const scenario = (...events: TraceEvent[]): Scenario => ({ sysctl: {}, sockopt: {}, events });

const run = (changes: Changes, events: TraceEvent[] = [LISTEN, SYN, WAIT], sysctl: Record<string, number> = {}) =>
  runScenario(changed(linux_4_15, changes), linux_4_15, { ...scenario(...events), sysctl }, 'a-case');

describe('the trace of a subject', () => {
  it.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))(
    'has of the model of %s what the model plays',
    async (_, kernel) => {
      const recordings = goldenTraces(`linux-${kernel.name}`, 'named').filter((_, i) => i % 5 === 0);
      for (const { header, steps } of recordings) {
        const { sysctl, sockopt } = header;
        const events = steps.map(({ event }) => event);
        const trace = await runScenario(modelSubject(kernel), kernel, { sysctl, sockopt, events }, header.id);
        const played = playScenario(kernel, { sysctl, sockopt, events }, { id: header.id });
        expect(trace.steps, header.id).toEqual(played.steps.map(traceStep));
        expect(trace.header).toEqual({ ...played.header, origin: 'subject' });
      }
    },
  );

  it('is a valid trace at every level', async () => {
    for (const level of ['results', 'segments', 'counters', 'queues', 'sockets'] as Level[]) {
      const trace = await run({ capabilities: { observes: { level } } }, [LISTEN, SYN, ACK, ACCEPT, WAIT]);
      const checker = new TraceChecker();
      expect(checker.header(trace.header)).toBeUndefined();
      for (const step of trace.steps) expect(checker.step(step)).toBeUndefined();
      expect(trace.header.observes?.level).toBe(level === 'sockets' ? undefined : level);
      expect(trace.steps[1]?.out.length).toBe(level === 'results' ? 0 : 1);
      expect(trace.steps[1]?.observed.counters).toEqual(
        level === 'results' || level === 'segments' ? {} : { InSegs: 1, OutSegs: 1 },
      );
      expect(trace.steps[1]?.observed.listener === undefined).toBe(!['queues', 'sockets'].includes(level));
      expect(trace.steps[1]?.observed.sockets === undefined).toBe(level !== 'sockets');
      expect(trace.steps[3]?.accepted).toBe(1);
    }
  });

  it('leaves out the settings that the subject does not know, and the counters that it does not show', async () => {
    const name = 'net.ipv4.tcp_syncookies';
    const capabilities = { sysctls: [name], observes: { level: 'sockets', counters: ['OutSegs'] } } as const;
    const trace = await run({ capabilities }, [LISTEN, SYN], { 'net.core.somaxconn': 3, [name]: 0 });
    expect(trace.header.sysctl).toEqual({ [name]: 0 });
    expect(trace.header.observes).toEqual(capabilities.observes);
    expect(trace.steps[1]?.observed.counters).toEqual({ OutSegs: 1 });
  });

  it('says which settings were refused', async () => {
    const sysctl = { 'net.core.somaxconn': -1, 'net.ipv4.tcp_syncookies': 0 };
    const trace = await run({}, [LISTEN], sysctl);
    expect(trace.header.sysctl).toEqual(sysctl);
    expect(trace.header.sysctlErrors).toEqual({ 'net.core.somaxconn': 'EINVAL' });
  });

  it('says for how long the machine has been up, if the subject does, and is judged by it', async () => {
    const stray: TraceEvent = {
      segments: [{ peer: 1, flags: ['ACK'], seq: 1, ack: { of: 'nothing', plus: 1 } }],
    };
    const uptime = 300_000_000;
    const { header, steps } = await runScenario(
      modelSubject(linux_5_10, { uptime }),
      linux_5_10,
      scenario(LISTEN, stray),
    );
    expect(header.kernel.uptime).toBe(uptime);
    expect(steps[1]?.observed.counters).toMatchObject({ SyncookiesFailed: 1 });
    expect(judgeTrace(header, steps)).toMatchObject({ verdict: 'conforms' });
    const silent = await runScenario(modelSubject(linux_5_10), linux_5_10, scenario(LISTEN, stray));
    expect('uptime' in silent.header.kernel).toBe(false);
    expect(silent.steps[1]?.observed.counters).not.toHaveProperty('SyncookiesFailed');
  });

  it('has the times that a subject with a real clock tells', async () => {
    let time = 0;
    const later = (by: number): number => {
      time += by;
      return time;
    };
    const clock = { kind: 'real', tolerance: { timer: 5000, next: 1000 }, longest: 10_000_000 } as const;
    const trace = await run(
      {
        capabilities: { clock },
        apply: ({ out = [], ...rest }, event) => {
          const at = later(100);
          if ('wait' in event) later(2_000_300);
          return { ...rest, at, out: out.map((segment) => ({ ...segment, at: at + 7 })) };
        },
        observe: (seen) => ({ ...seen, at: later(10), until: later(20) }),
      },
      [LISTEN, SYN, WAIT],
    );
    expect(trace.header.tolerance).toEqual(clock.tolerance);
    expect(trace.steps.map(({ at, out, observed }) => [at, out[0]?.at, observed.at, observed.until])).toEqual([
      [100, undefined, 110, 130],
      [230, 237, 240, 260],
      [360, 367, 2_000_670, 2_000_690],
    ]);
  });
});

describe('the subject is told', () => {
  const told = async (level: Level): Promise<SubjectEvent[]> => {
    const events: SubjectEvent[] = [];
    const model = modelSubject(linux_4_15, { capabilities: { observes: { level } } });
    const subject: Subject = {
      ...model,
      apply: (event, at) => {
        events.push(event);
        return model.apply(event, at);
      },
    };
    await runScenario(subject, linux_4_15, scenario(LISTEN, SYN, ACK));
    return events;
  };

  it('acknowledgement numbers as they go over a wire where its segments are seen', async () => {
    const model = modelSubject(linux_4_15);
    await model.reset({ sysctl: {}, sockopt: {} });
    await model.apply({ syscall: 'listen', backlog: 5 }, 0);
    const { out } = await model.apply({ segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] }, 0);
    const isn = out?.[0]?.seq ?? -1;
    expect((await told('segments'))[2]).toEqual({
      segments: [{ peer: 1, flags: ['ACK'], seq: 1001, ack: (isn + 1) % 2 ** 32 }],
    });
  });

  it('relative ones where nobody sees them', async () => {
    expect((await told('results'))[2]).toEqual(ACK);
  });

  it('the time that its virtual clock shows', async () => {
    const times: number[] = [];
    const model = modelSubject(linux_4_15);
    const subject: Subject = {
      ...model,
      apply: (event, at) => {
        times.push(at);
        return model.apply(event, at);
      },
    };
    await runScenario(subject, linux_4_15, scenario(LISTEN, WAIT, SYN, WAIT, ACCEPT));
    expect(times).toEqual([0, 0, 2_000_000, 2_000_000, 4_000_000]);
  });
});

describe('a subject is broken that', () => {
  const broken: Readonly<Record<string, [Changes, string]>> = {
    throws: [
      {
        apply: () => {
          throw new Error('out of order');
        },
      },
      'a-case, step 1, listen: out of order',
    ],
    'answers with nothing': [{ apply: () => undefined }, 'a-case, step 1, listen: $: missing'],
    'invents a field': [
      { apply: (outcome) => ({ ...outcome, mood: 'good' }) },
      'step 1, listen: $.mood: unknown field',
    ],
    'gives no result': [{ apply: () => ({}) }, 'step 1, listen: $.result: missing'],
    'sends a number that is none': [
      { apply: ({ out = [], ...rest }) => ({ ...rest, out: out.map((one) => ({ ...one, seq: -1 })) }) },
      'step 2, segments: $.out[0].seq: expected at least 0, got -1',
    ],
    'sets a flag twice': [
      { apply: ({ out = [], ...rest }) => ({ ...rest, out: out.map((one) => ({ ...one, flags: ['SYN', 'SYN'] })) }) },
      'step 2, segments: $.out[0].flags: a flag is there twice',
    ],
    'sends before it was asked': [
      {
        apply: ({ out = [], ...rest }, event) => ({
          ...rest,
          out: 'wait' in event ? out.map((one) => ({ ...one, at: 0 })) : out.map((one) => ({ ...one, at: 5 })),
        }),
      },
      'step 2, segments: $.observed.until: time goes back: 0 is before the last segment sent (5)',
    ],
    'answers a client that never was': [
      { apply: ({ out = [], ...rest }) => ({ ...rest, out: out.map((one) => ({ ...one, peer: 9 })) }) },
      'step 2, segments: $.out[0].peer: no such peer: nothing has arrived from 9 in this trace',
    ],
    'tells the time of a virtual clock': [
      { apply: (outcome) => ({ ...outcome, at: 0 }) },
      'step 1, listen: $.at: the clock is virtual: the kit knows the time',
    ],
    'has a counter that shrinks': [
      { observe: (seen) => ({ ...seen, counters: seen.sockets?.length === 0 ? { InSegs: 3 } : { InSegs: 1 } }) },
      'step 2, segments: $.counters.InSegs: it shrinks by 2: counters count since the reset',
    ],
    'forgets its rows': [{ observe: ({ sockets: _, ...seen }) => seen }, 'step 1, listen: $.sockets: missing'],
    'shows what it did not declare': [
      { capabilities: { observes: { level: 'counters' } }, observe: (seen) => ({ ...seen, sockets: [] }) },
      'step 1, listen: $.sockets: comes with the level "sockets", and the declared level is "counters"',
    ],
    'refuses what nobody asked for': [
      { reset: () => ({ refused: { 'net.core.somaxconn': 'EINVAL' } }) },
      'a-case, reset: $["net.core.somaxconn"]: nobody asked to set it',
    ],
    'has been up for less than no time': [
      { reset: () => ({ uptime: -1 }) },
      'a-case, reset: $.uptime: expected at least 0, got -1',
    ],
    'has a real clock and tells no time': [
      { capabilities: { clock: { kind: 'real', tolerance: { timer: 1, next: 1 }, longest: 1 } } },
      'step 1, listen: $.at: missing: the clock is real',
    ],
  };

  it.each(Object.entries(broken))('%s', async (_, [changes, message]) => {
    const running = run(changes);
    await expect(running).rejects.toThrow(SubjectError);
    await expect(running).rejects.toThrow(message);
  });
});

describe('an acknowledgement number that is told without a SYN-ACK', () => {
  const events: TraceEvent[] = [
    LISTEN,
    SYN,
    { segments: [{ peer: 1, flags: ['ACK'], seq: 1001, ack: { of: 'nothing', plus: 1 } }] },
  ];

  it.each(KERNELS)('is counted from the one that $name has sent, so that the trace conforms', async (kernel) => {
    const trace = await runScenario(modelSubject(kernel), kernel, scenario(...events), 'a-case');
    for (const { header, steps } of [trace, playScenario(kernel, scenario(...events))]) {
      const { event } = steps[2] as { event: TraceEvent };
      expect(event).toMatchObject({ segments: [{ ack: { of: 'synack' } }] });
      expect(judgeTrace(header, steps)).toMatchObject({ verdict: 'conforms' });
    }
  });

  it('stays as it is where there was none', async () => {
    const trace = await run({}, [LISTEN, events[2] as TraceEvent]);
    expect(trace.steps[1]?.event).toEqual(events[2]);
  });
});
