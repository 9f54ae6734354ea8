/** Judging whole traces: what is wrong is told by its path, and a file's records give a report for each trace. */

import { describe, expect, it } from 'vitest';
import type { SentSegment, Step, TraceEvent, TraceReport } from '../../src/generated/types.js';
import { judgeTrace, judgeTraces, RecordJudge } from '../../src/judge/judge-trace.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import { type Played, played } from '../support/played.js';
import { decode, file } from '../trace/lines.js';

const events: readonly TraceEvent[] = [
  { syscall: 'listen', backlog: 3 },
  { segments: [1, 2, 3].map((peer) => ({ peer, flags: ['SYN'], seq: 100 })) },
  { segments: [{ peer: 1, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }] },
  { wait: 20_000_000 },
  { syscall: 'accept', nonblocking: true },
  { syscall: 'accept', nonblocking: true },
];

/** The trace with something else at `path` (keys joined by dots), for example `1.out.0.peer`; undefined: nothing. */
function changed({ header, steps }: Played, path: string, change: (before: unknown) => unknown): Played {
  const copy = structuredClone(steps);
  const keys = path.split('.');
  const last = keys.pop() as string;
  const holder = keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], copy) as Record<
    string,
    unknown
  >;
  const after = change(holder[last]);
  if (after === undefined) delete holder[last];
  else holder[last] = after;
  return { header, steps: copy };
}

const become = (value: unknown) => (): unknown => value;
const later =
  (us: number) =>
  (at: unknown): unknown =>
    (at as number) + us;
const without = (list: unknown): unknown => (list as unknown[]).slice(0, -1);
const twice = (list: unknown): unknown => [...(list as unknown[]), (list as unknown[]).at(-1)];

describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('a trace that %s played', (_, kernel) => {
  const trace = played(kernel, events);

  it('conforms', () => {
    expect(judgeTrace(trace.header, trace.steps)).toEqual({ verdict: 'conforms', steps: events.length });
  });

  it.each<[string, number, RegExp, string, (before: unknown) => unknown]>([
    ['a segment dropped', 3, /^out/, '1.out', without],
    ['a segment twice', 3, /^out\[3\]$/, '1.out', twice],
    ['other flags', 3, /^out\[1\]\.flags$/, '1.out.1.flags', become(['RST', 'ACK'])],
    ['another peer', 3, /^out\[1\]\.peer$/, '1.out.1.peer', become(1)],
    ['another sequence number', 3, /^out\[1\]\.seq$/, '1.out.1.seq.plus', become(1)],
    ['another acknowledgement number', 3, /^out\[1\]\.ack$/, '1.out.1.ack', become(1)],
    ['data in a SYN-ACK', 3, /^out\[1\]\.len$/, '1.out.1.len', become(1)],
    ['a SYN-ACK that is not new', 3, /^out\[1\]\.newIsn$/, '1.out.1.newIsn', become(undefined)],
    ['a retransmission half a second early', 5, /^out/, '3.out.0.at', later(-500_000)],
    ['a retransmission half a second late', 5, /^out/, '3.out.0.at', later(500_000)],
    ['another result', 7, /^result$/, '5.result', become('EINVAL')],
    ['another connection', 6, /^accepted$/, '4.accepted', become(2)],
    ['a longer accept queue', 4, /^observed\.listener\.acceptQueue$/, '2.observed.listener.acceptQueue', become(2)],
    ['another limit', 2, /^observed\.listener\.maxAcceptQueue$/, '0.observed.listener.maxAcceptQueue', become(4)],
    ['another state', 2, /^observed\.listener\.state$/, '0.observed.listener.state', become('CLOSE')],
    ['no listener', 2, /^observed\.listener$/, '0.observed.listener', become(undefined)],
    ['a counter that moved more', 3, /^observed\.counters\.InSegs$/, '1.observed.counters.InSegs', become(4)],
    [
      'a counter that did not move',
      3,
      /^observed\.counters\.OutSegs$/,
      '1.observed.counters.OutSegs',
      become(undefined),
    ],
    [
      'a counter of something else',
      3,
      /^observed\.counters\.TCPLossProbes$/,
      '1.observed.counters.TCPLossProbes',
      become(1),
    ],
    ['a row less', 3, /^observed\.sockets/, '1.observed.sockets', without],
    ['a row of another state', 4, /^observed\.sockets/, '2.observed.sockets.2.state', become('CLOSE_WAIT')],
    ['a row with a timeout more', 3, /^observed\.sockets/, '1.observed.sockets.0.retransmits', become(1)],
    ['a row that belongs to the process', 4, /^observed\.sockets/, '2.observed.sockets.2.accepted', become(true)],
  ])('with %s: violates on line %i', (_, line, field, path, change) => {
    const { header, steps } = changed(trace, path, change);
    const verdict = judgeTrace(header, steps);
    expect(verdict).toMatchObject({ verdict: 'violates', line });
    if (verdict.verdict !== 'violates') return;
    expect(verdict.field).toMatch(field);
    expect(verdict.expected).not.toEqual(verdict.observed);
  });

  it('with a refused sysctl: violates on the line of the header', () => {
    const header = {
      ...trace.header,
      sysctl: { 'net.core.somaxconn': 5 },
      sysctlErrors: { 'net.core.somaxconn': 'EINVAL' },
    };
    expect(judgeTrace(header, trace.steps, undefined, 7)).toMatchObject({
      verdict: 'violates',
      line: 7,
      field: 'sysctlErrors["net.core.somaxconn"]',
      expected: 0,
      observed: 'EINVAL',
    });
  });
});

describe('the rule that a violation names', () => {
  const aborted: readonly TraceEvent[] = [
    { syscall: 'listen', backlog: 0 },
    { segments: [1, 2].map((peer) => ({ peer, flags: ['SYN'], seq: 100 })) },
    { segments: [{ peer: 1, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }] },
    { segments: [{ peer: 2, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }] },
  ];
  const options = { sysctl: { 'net.ipv4.tcp_abort_on_overflow': 1 } };

  it.each<[string, (before: unknown) => unknown]>([
    ['3.observed.counters.EmbryonicRsts', become(2)],
    ['3.observed.counters.OutRsts', become(2)],
    ['3.out', become([])],
  ])('is the decision, not how it was carried out: %s', (path, change) => {
    const trace = played(KERNELS[0] as (typeof KERNELS)[number], aborted, options);
    const { header, steps } = changed(trace, path, change);
    const verdict = judgeTrace(header, steps);
    if (verdict.verdict !== 'violates') throw new Error('believed');
    expect(verdict.rules).toContain('tcp_v4_send_reset/for-an-ack');
    expect(verdict.rules.at(-1)).toBe('tcp_check_req/overflow-aborted');
  });
});

describe('RecordJudge', () => {
  const [kernel] = KERNELS;
  if (kernel === undefined) throw new Error('no kernel');
  const { header, steps } = played(kernel, events);
  const judged = (lines: readonly unknown[], by = new RecordJudge()): TraceReport[] => [
    ...decode(file(...lines)).flatMap((record) => by.take(record)),
    ...by.end(),
  ];
  const named = (id: string): unknown[] => [{ ...header, id }, ...steps];

  it('reports each trace once, in order', () => {
    expect(judged([...named('a'), ...named('b')])).toEqual([
      { id: 'a', kernel: '2.6.32', verdict: 'conforms', steps: 6 },
      { id: 'b', kernel: '2.6.32', verdict: 'conforms', steps: 6 },
    ]);
  });

  it('tells the line of the file', () => {
    const spoilt = [...named('b').slice(0, -1), { ...steps[5], result: 'EINVAL' }];
    expect(judged([...named('a'), ...spoilt])).toMatchObject([
      { id: 'a', verdict: 'conforms' },
      { id: 'b', verdict: 'violates', line: 14, message: 'result: expected "EAGAIN", observed "EINVAL"' },
    ]);
  });

  it('has the last word on a trace before a header that cannot be used', () => {
    expect(judged([...named('a'), { trace: 2 }, ...named('b')])).toMatchObject([
      { id: 'a', verdict: 'conforms' },
      { id: '', kernel: '', verdict: 'invalid', steps: 0, line: 8 },
      { id: 'b', verdict: 'conforms' },
    ]);
  });

  it('gives up a trace with a line that cannot be used', () => {
    expect(judged([...named('a').slice(0, 3), 'oops', ...named('a').slice(3), ...named('b')])).toMatchObject([
      { id: 'a', kernel: '2.6.32', verdict: 'invalid', steps: 2, line: 4 },
      { id: 'b', verdict: 'conforms' },
    ]);
  });

  it('knows no kernel that is not there, but can be told which to take', () => {
    const strange = [{ ...header, kernel: { ...header.kernel, variant: '3.10' } }, ...steps];
    expect(judged(strange)).toMatchObject([{ kernel: '3.10', verdict: 'invalid', line: 1 }]);
    expect(judged(strange, new RecordJudge(kernelNamed('2.6.32')))).toMatchObject([
      { kernel: '2.6.32', verdict: 'conforms' },
    ]);
  });
});

describe('judgeTraces', () => {
  it('reports each trace of a stream, and what cannot be read', async () => {
    const { header, steps } = played(kernelNamed('4.15') as (typeof KERNELS)[number], events);
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield file(header, ...steps, { ...header, id: 'next' }, ...steps, 'oops');
    }
    const reports: TraceReport[] = [];
    for await (const report of judgeTraces(bytes())) reports.push(report);
    expect(reports.map(({ verdict }) => verdict)).toEqual(['conforms', 'invalid']);
    for await (const report of judgeTraces('/no/such/file.ndjson'))
      expect(report).toMatchObject({ verdict: 'invalid' });
  });
});

describe('a connection that outlives its peer', () => {
  const syn = (seq: number): TraceEvent => ({ segments: [{ peer: 1, flags: ['SYN'], seq }] });
  const data: TraceEvent = {
    segments: [{ peer: 1, flags: ['PSH', 'ACK'], seq: 2001, len: 10, ack: { of: 'synack', plus: 1 } }],
  };
  const reset: TraceEvent = { segments: [{ peer: 1, flags: ['RST'], seq: 2011 }] };
  const story: TraceEvent[] = [
    { syscall: 'listen', backlog: 2 },
    syn(2000),
    data,
    reset,
    syn(1_002_000),
    { syscall: 'accept', nonblocking: true },
    { syscall: 'close', peer: 1, linger: 0 },
  ];

  it.each(KERNELS)('may send numbers that have nothing to do with the new SYN-ACK: $name', (kernel) => {
    for (let seed = 0; seed < 5; seed++) {
      const { header, steps } = played(kernel, story, { seed });
      expect(judgeTrace(header, steps)).toMatchObject({ verdict: 'conforms' });
    }
  });

  it('has to send the right acknowledgement all the same', () => {
    const { header, steps } = played(KERNELS[0] as (typeof KERNELS)[number], story);
    const last = steps.at(-1) as Step;
    const [segment] = last.out;
    expect(segment?.flags).toEqual(['RST', 'ACK']);
    const falsified = { ...last, out: [{ ...segment, ack: 2012 } as SentSegment] };
    expect(judgeTrace(header, [...steps.slice(0, -1), falsified])).toMatchObject({ field: 'out[0].ack' });
  });
});
