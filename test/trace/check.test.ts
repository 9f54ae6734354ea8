import { describe, expect, it } from 'vitest';
import type { Step, TraceHeader } from '../../src/generated/types.js';
import { TraceChecker } from '../../src/trace/check.js';
import { header, listen, syn, synAck } from './lines.js';

/** What is said of the last of these lines, where the others are right. */
function problem(...lines: readonly unknown[]): string | undefined {
  const checker = new TraceChecker();
  expect(lines.slice(0, -1).map((line, i) => (i === 0 ? checker.header(line) : checker.step(line)))).toEqual(
    lines.slice(0, -1).map(() => undefined),
  );
  const last = lines.at(-1);
  const found = lines.length === 1 ? checker.header(last) : checker.step(last);
  return found && `${found.path}: ${found.message}`;
}

const ofHeader = (change: Record<string, unknown>): string | undefined => problem({ ...header, ...change });
const ofStep = (change: Record<string, unknown>, step: Step = syn): string | undefined =>
  problem(header, listen, { ...step, ...change });
const ofObserved = (change: Record<string, unknown>): string | undefined =>
  ofStep({ observed: { ...syn.observed, ...change } });
const ofSent = (change: Record<string, unknown>): string | undefined => ofStep({ out: [{ ...synAck, ...change }] });
const ofSegment = (change: Record<string, unknown>): string | undefined =>
  ofStep({ event: { segments: [{ peer: 7, flags: ['SYN'], seq: 100, ...change }] } });

/** An object with a key of its own that assignment would not make. */
function withProto(value: object, proto: unknown): object {
  return JSON.parse(JSON.stringify(value).replace('{', `{"__proto__":${JSON.stringify(proto)},`)) as object;
}

function without(value: object, key: string): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

describe('a header', () => {
  it('is accepted', () => {
    expect(ofHeader({})).toBeUndefined();
    expect(ofHeader({ sysctlErrors: { 'net.core.somaxconn': 'EINVAL' } })).toBeUndefined();
  });

  it.each(Object.keys(header).filter((key) => key !== 'trace'))('needs %s', (key) => {
    expect(problem(without(header, key))).toBe(`$.${key}: missing`);
  });

  it('may say how much is seen, and how late', () => {
    const seen = { observes: { level: 'counters', counters: ['InSegs'] }, tolerance: { timer: 50_000, next: 0 } };
    expect(ofHeader({ origin: 'subject', ...seen })).toBeUndefined();
  });

  it.each<[Partial<Record<keyof TraceHeader | 'more', unknown>>, string]>([
    [{ trace: 2 }, '$.trace: unknown format version 2: this reads version 1'],
    [{ more: 1 }, '$.more: unknown field'],
    [{ id: 7 }, '$.id: expected text, got 7'],
    [{ id: 'a\u0007' }, '$.id: expected text that matches /^[ -~]+$/, got "a\\u0007"'],
    [{ origin: 'heard' }, '$.origin: expected "recorded", "model" or "subject", got "heard"'],
    [{ kernel: [] }, '$.kernel: expected an object, got an array'],
    [
      { observes: { level: 'all' } },
      '$.observes.level: expected "results", "segments", "counters", "queues" or "sockets", got "all"',
    ],
    [{ observes: { counters: [] } }, '$.observes.level: missing'],
    [
      { observes: { level: 'counters', counters: ['In Segs'] } },
      '$.observes.counters[0]: expected text that matches /^[A-Za-z][A-Za-z0-9]*$/, got "In Segs"',
    ],
    [{ tolerance: { timer: 1300 } }, '$.tolerance.next: missing'],
    [{ tolerance: { timer: -1, next: 0 } }, '$.tolerance.timer: expected at least 0, got -1'],
    [{ kernel: { ...header.kernel, hz: 0 } }, '$.kernel.hz: expected at least 24, got 0'],
    [{ kernel: { ...header.kernel, uptime: -1 } }, '$.kernel.uptime: expected at least 0, got -1'],
    [{ kernel: { ...header.kernel, uptime: 0.5 } }, '$.kernel.uptime: expected an integer, got 0.5'],
    [{ kernel: { ...header.kernel, name: 'bsd' } }, '$.kernel.name: expected "linux", got "bsd"'],
    [{ sysctl: { 'net.core.somaxconn': 1.5 } }, '$.sysctl["net.core.somaxconn"]: expected an integer, got 1.5'],
    [
      { sysctl: { 'net.core.somaxconn': 2 ** 40 } },
      '$.sysctl["net.core.somaxconn"]: expected at most 4294967295, got 1099511627776',
    ],
    [{ sysctlErrors: { 'net.core.x': 'EINVAL' } }, '$.sysctlErrors["net.core.x"]: not among those in $.sysctl'],
    [{ sockopt: { TCP_NODELAY: 1 } }, '$.sockopt.TCP_NODELAY: unknown field'],
  ])('%j is refused', (change, message) => {
    expect(ofHeader(change)).toBe(message);
  });
});

describe('a step', () => {
  it('is accepted', () => {
    expect(ofStep({})).toBeUndefined();
  });

  it.each(['at', 'event', 'out', 'observed'])('needs %s', (key) => {
    expect(problem(header, listen, without(syn, key))).toBe(`$.${key}: missing`);
  });

  it.each<[string, string | undefined, string]>([
    ['an unknown field', ofStep({ more: 1 }), '$.more: unknown field'],
    ['text for a number', ofStep({ at: '40' }), '$.at: expected an integer, got "40"'],
    ['1e999', ofStep({ at: JSON.parse('1e999') }), '$.at: expected an integer, got a number out of range'],
    ['a negative time', ofStep({ at: -1 }), '$.at: expected at least 0, got -1'],
    [
      'a time past the end of time',
      ofStep({ at: 1e12 + 1 }),
      '$.at: expected at most 1000000000000, got 1000000000001',
    ],
    ['a fraction', ofStep({ at: 40.5 }), '$.at: expected an integer, got 40.5'],
    ['null for a list', ofStep({ out: null }), '$.out: expected an array, got null'],
    [
      'half a sequence number',
      ofSegment({ seq: 2 ** 32 }),
      '$.event.segments[0].seq: expected at most 4294967295, got 4294967296',
    ],
    ['a negative length', ofSegment({ len: -1 }), '$.event.segments[0].len: expected at least 0, got -1'],
    [
      'no flag that there is',
      ofSegment({ flags: ['URG'] }),
      '$.event.segments[0].flags[0]: expected "SYN", "ACK", "PSH", "RST" or "FIN", got "URG"',
    ],
    ['no segments', ofStep({ event: { segments: [] } }), '$.event.segments: expected at least 1 items, got 0'],
    [
      'an unknown fault',
      ofStep({ event: { segments: [{ peer: 1, flags: [], seq: 0 }], faults: ['kmalloc'] } }),
      expect.stringContaining('$.event.faults[0]: expected "inet_reqsk_alloc", ') as unknown as string,
    ],
    [
      'an errno that is none',
      ofStep({ result: 'oops' }, listen),
      expect.stringContaining('$.result: expected text that matches') as unknown as string,
    ],
    [
      'an unknown state',
      ofObserved({ listener: { ...listen.observed.listener, state: 'OPEN' } }),
      expect.stringContaining('$.observed.listener.state: expected ') as unknown as string,
    ],
    [
      'a counter that is no number',
      ofObserved({ counters: { InSegs: '1' } }),
      '$.observed.counters.InSegs: expected an integer, got "1"',
    ],
  ])('with %s is refused', (_, found, message) => {
    expect(found).toEqual(message);
  });

  it.each<[unknown, string]>([
    [null, '$.event: expected an object, got null'],
    [{}, '$.event: expected one of the keys "segments", "wait", "sysctl" and "syscall"'],
    [{ syscall: 'open' }, '$.event.syscall: expected "listen", "accept", "close" or "shutdown", got "open"'],
    [{ syscall: 'listen' }, '$.event.backlog: missing'],
    [{ syscall: 'listen', backlog: 2 ** 31 }, '$.event.backlog: expected at most 2147483647, got 2147483648'],
    [{ syscall: 'accept', nonblocking: false }, '$.event.nonblocking: expected true, got false'],
    [{ syscall: 'close', peer: 7 }, '$.event.linger: missing'],
    [{ syscall: 'close', how: 'SHUT_RD' }, '$.event.how: unknown field'],
    [{ wait: 5, segments: [] }, '$.event.segments: expected at least 1 items, got 0'],
    [{ wait: 5, sysctl: {} }, '$.event.sysctl: unknown field'],
    [{ wait: -5 }, '$.event.wait: expected at least 0, got -5'],
  ])('of the event %j is refused', (event, message) => {
    expect(ofStep({ event })).toBe(message);
  });
});

describe('__proto__ as a key', () => {
  const unknown = '$["__proto__"]: unknown field';
  const { observed } = syn;

  it('is an unknown field and changes no prototype', () => {
    expect(problem(withProto(header, { trace: 1 }))).toBe(unknown);
    expect(problem(header, listen, withProto(syn, { at: 1 }))).toBe(unknown);
    expect(ofStep({ event: withProto(syn.event, {}) })).toBe('$.event["__proto__"]: unknown field');
    expect(ofStep({ out: [withProto(synAck, {})] })).toBe('$.out[0]["__proto__"]: unknown field');
    expect(({} as Record<string, unknown>)['at']).toBeUndefined();
  });

  it('is no name of a sysctl, of a counter or of an option', () => {
    const name = '["__proto__"]: expected a name: text that matches ';
    expect(ofHeader({ sysctl: JSON.parse('{"__proto__":1}') })).toContain(`$.sysctl${name}`);
    expect(ofObserved({ counters: JSON.parse('{"__proto__":1}') })).toContain(`$.observed.counters${name}`);
    expect(ofStep({ setupErrors: JSON.parse('{"__proto__":"EINVAL"}') }, listen)).toContain(`$.setupErrors${name}`);
    expect(ofObserved({ counters: observed.counters })).toBeUndefined();
  });
});

describe('time', () => {
  it.each<[string, string | undefined, string]>([
    [
      'before the step before',
      ofStep({ at: 29 }),
      '$.at: time goes back: 29 is before the end of the step before (30)',
    ],
    ['of a segment before the step', ofSent({ at: 39 }), '$.out[0].at: time goes back: 39 is before $.at (40)'],
    [
      'of a segment before another',
      ofStep({ out: [synAck, { ...synAck, at: 44 }] }),
      '$.out[1].at: time goes back: 44 is before the segment before (45)',
    ],
    [
      'of a segment after the reading',
      ofSent({ at: 61 }),
      '$.observed.until: time goes back: 60 is before the last segment sent (61)',
    ],
    [
      'of a reading before the step',
      ofStep({ out: [], observed: { ...syn.observed, at: 39 } }),
      '$.observed.at: time goes back: 39 is before $.at (40)',
    ],
    [
      'of a reading that ends before it begins',
      ofObserved({ at: 61 }),
      '$.observed.until: time goes back: 60 is before $.observed.at (61)',
    ],
  ])('%s is refused', (_, found, message) => {
    expect(found).toBe(message);
  });

  it('starts anew with each trace', () => {
    const checker = new TraceChecker();
    expect([checker.header(header), checker.step(listen), checker.header(header), checker.step(listen)]).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe('a peer that nothing has arrived from', () => {
  const none = 'no such peer: nothing has arrived from 9 in this trace';

  it.each<[string, string | undefined, string]>([
    ['is sent no segment', ofSent({ peer: 9 }), `$.out[0].peer: ${none}`],
    [
      'has no row',
      ofObserved({ sockets: [{ ...syn.observed.sockets?.[0], peer: 9 }] }),
      `$.observed.sockets[0].peer: ${none}`,
    ],
    [
      'is not accepted',
      ofStep({ event: { syscall: 'accept', nonblocking: true }, result: 0, accepted: 9, out: [] }),
      `$.accepted: ${none}`,
    ],
  ])('%s', (_, found, message) => {
    expect(found).toBe(message);
  });

  it('is forgotten with its trace', () => {
    const checker = new TraceChecker();
    const lines = [checker.header(header), checker.step(listen), checker.step(syn), checker.header(header)];
    expect(lines).toEqual(Array(4).fill(undefined));
    expect(checker.step({ ...syn, event: { wait: 5 }, out: [] })?.path).toBe('$.observed.sockets[0].peer');
  });

  it('may be closed, which fails', () => {
    const { sockets: _, ...observed } = syn.observed;
    const event = { syscall: 'close', peer: 9, linger: 0 };
    expect(problem(header, listen, { ...syn, event, result: 'EBADF', out: [], observed })).toBeUndefined();
  });
});

describe('what belongs to one event', () => {
  const { sockets: _, ...observed } = syn.observed;
  const of = (event: unknown, rest: object): string | undefined =>
    problem(header, listen, syn, { at: 70, event, out: [], observed: { ...observed, at: 70, until: 80 }, ...rest });
  const accept = { syscall: 'accept', nonblocking: true };

  it.each<[string, string | undefined, string | undefined]>([
    ['an accept with a connection', of(accept, { result: 0, accepted: 7 }), undefined],
    ['an accept without', of(accept, { result: 'EAGAIN' }), undefined],
    ['an errno without a name', of({ sysctl: { 'net.ipv4.x': 1 } }, { result: 'E2' }), undefined],
    ['a call without a result', of(accept, {}), '$.result: missing'],
    ['a sysctl without a result', of({ sysctl: { 'net.ipv4.x': 1 } }, {}), '$.result: missing'],
    ['a wait with a result', of({ wait: 1 }, { result: 0 }), '$.result: only a system call or a sysctl has one'],
    ['an accept of nobody', of(accept, { result: 0 }), '$.accepted: missing'],
    [
      'a failed accept of somebody',
      of(accept, { result: 'EAGAIN', accepted: 7 }),
      '$.accepted: only an accept with the result 0 has it',
    ],
    ['a wait that accepts', of({ wait: 1 }, { accepted: 7 }), '$.accepted: only an accept with the result 0 has it'],
    [
      'an accept that sets up',
      of(accept, { result: 'EAGAIN', setupErrors: {} }),
      '$.setupErrors: only a listen has them',
    ],
  ])('%s', (_, found, message) => {
    expect(found).toBe(message);
  });
});

describe('flags', () => {
  it.each<[string, string | undefined, string]>([
    ['twice the same', ofSegment({ flags: ['SYN', 'SYN'] }), '$.event.segments[0].flags: a flag is there twice'],
    ['ACK without a number', ofSegment({ flags: ['ACK'] }), '$.event.segments[0].ack: missing: the flag ACK is set'],
    [
      'a number without ACK',
      ofSegment({ ack: { of: 'nothing', plus: 1 } }),
      '$.event.segments[0].ack: the flag ACK is not set',
    ],
    [
      'sent, ACK without a number',
      ofStep({ out: [without(synAck, 'ack')] }),
      '$.out[0].ack: missing: the flag ACK is set',
    ],
    ['newIsn beside no SYN', ofSent({ flags: ['ACK'] }), '$.out[0].newIsn: only a SYN-ACK has it'],
  ])('%s', (_, found, message) => {
    expect(found).toBe(message);
  });
});
