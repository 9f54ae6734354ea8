/** Scenarios that nobody recorded: they show, on the models, the rules that no recording shows. */

import type { ArrivingSegment, Fault, Flag, SocketOptions, TraceEvent } from '../src/generated/types.js';

/** A scenario, and the kernels that it is for. */
export interface ModelScenario {
  readonly id: string;
  /** The one kernel that it is for. Absent: all from {@link since} on. */
  readonly kernel?: string;
  /** The first kernel that it is for. Absent: the oldest. */
  readonly since?: string;
  /** Absent: the one that the kernel is cited from. */
  readonly release?: string;
  readonly sysctl?: Readonly<Record<string, number>>;
  readonly sockopt?: SocketOptions;
  /** Settles what the kernel leaves to chance. Default 0. */
  readonly seed?: number;
  readonly events: readonly TraceEvent[];
}

const ISN = 1000;
const COOKIES = 'net.ipv4.tcp_syncookies';
const FASTOPEN = 'net.ipv4.tcp_fastopen';
/** Server side, without cookies. */
const FASTOPEN_ON = { [FASTOPEN]: 0x202 };

const listen = (backlog = 4, faults?: Fault[]): TraceEvent => ({
  syscall: 'listen',
  backlog,
  ...(faults === undefined ? {} : { faults }),
});
const accept: TraceEvent = { syscall: 'accept', nonblocking: true };
const wait = (ms: number): TraceEvent => ({ wait: ms * 1000 });
const arrive = (segments: ArrivingSegment[], ...faults: Fault[]): TraceEvent => ({
  segments,
  ...(faults.length === 0 ? {} : { faults }),
});

/** A segment without ACK. `offset`: from the byte after the SYN. */
const bare = (peer: number, flags: Flag[], offset = 0, len = 0): ArrivingSegment => ({
  peer,
  flags,
  seq: ISN + 1 + offset,
  ...(len === 0 ? {} : { len }),
});
const syn = (peer: number, more: Partial<ArrivingSegment> = {}): ArrivingSegment => ({
  peer,
  flags: ['SYN'],
  seq: ISN,
  ...more,
});
const ack = (peer: number, offset = 0, len = 0, plus = 1): ArrivingSegment => ({
  ...bare(peer, len === 0 ? ['ACK'] : ['PSH', 'ACK'], offset, len),
  ack: { of: 'synack', plus },
});
const fin = (peer: number): ArrivingSegment => ({ ...ack(peer), flags: ['FIN', 'ACK'] });
const connect = (peer: number): TraceEvent[] => [arrive([syn(peer)]), arrive([ack(peer)])];

/** Segments of a size, some at a time, until nothing more fits: what nobody reads fills the receive buffer. */
function fillWindow(peer: number, { bursts = 17, size = 10, len = 1460, ms = 1 } = {}): TraceEvent[] {
  const starts = Array.from({ length: bursts }, (_, i) => i * size);
  const burst = (first: number) => Array.from({ length: size }, (_, i) => ack(peer, (first + i) * len, len));
  return starts.flatMap((first) => [arrive(burst(first)), wait(ms)]);
}

/** What a kernel fails at while it handles a SYN, an ACK of a request, or an ACK of a cookie. */
const SYN_FAULTS: Fault[] = ['inet_reqsk_alloc', 'security_inet_conn_request', 'inet_csk_route_req', 'send_synack'];
const ACK_FAULTS: Fault[] = ['tcp_create_openreq_child', 'inet_csk_route_req', '__inet_inherit_port'];
const COOKIE_FAULTS: Fault[] = [
  'inet_reqsk_alloc',
  'security_inet_conn_request',
  'inet_csk_route_req',
  'tcp_create_openreq_child',
];

/** More SYNs than a SYN queue for `listen(fd, 1)` holds: from peer 20 on all get a cookie. */
const flood = Array.from({ length: 19 }, (_, i) => arrive([syn(i + 1)]));

/** In the order in which they are played. */
export const scenarios: readonly ModelScenario[] = [
  { id: 'model-shutdown-write', events: [listen(), { syscall: 'shutdown', how: 'SHUT_WR' }, ...connect(1), accept] },
  { id: 'model-syncnt-out-of-range', sockopt: { TCP_SYNCNT: 128 }, events: [listen()] },
  {
    id: 'model-request-no-ack',
    events: [listen(), arrive([syn(1)]), arrive([bare(1, ['PSH'], 0, 10)]), arrive([ack(1)])],
  },
  {
    id: 'model-listener-stray',
    events: [
      listen(),
      arrive([bare(1, ['PSH'], 0, 10)]),
      arrive([bare(2, ['FIN'])]),
      arrive([syn(3, { flags: ['SYN', 'FIN'] })]),
      arrive([bare(4, ['RST'])]),
    ],
  },
  { id: 'model-child-window', events: [listen(), ...connect(1), ...fillWindow(1)] },
  {
    id: 'model-child-beyond-window',
    events: [
      listen(),
      ...connect(1),
      ...[65_535, 29_200, 14_600, 5840, 5792].map((offset) => arrive([ack(1, offset, 10)])),
    ],
  },
  {
    id: 'model-child-window-shorter-segments',
    since: '4.15',
    events: [listen(), ...connect(1), ...fillWindow(1, { bursts: 20, len: 1000 })],
  },
  {
    id: 'model-child-window-slowly',
    since: '5.10',
    events: [listen(), ...connect(1), ...fillWindow(1, { bursts: 20, size: 3, ms: 60 })],
  },
  {
    id: 'model-child-end-beyond-window',
    since: '5.10',
    events: [
      listen(),
      ...connect(1),
      ...connect(2),
      arrive([ack(1, 64_240, 10)]),
      arrive([ack(1, 64_235, 10)]),
      arrive([ack(2, 0, 10)]),
      arrive([ack(2, 64_235, 10)]),
      arrive([{ ...ack(2, 64_230, 10), flags: ['FIN', 'ACK'] }]),
    ],
  },
  {
    id: 'model-child-fin-at-closed-window',
    since: '6.12',
    events: [
      listen(),
      ...connect(1),
      ...fillWindow(1),
      arrive([{ ...ack(1, 80_300, 1460), flags: ['FIN', 'ACK'] }]),
      arrive([{ ...ack(1, 81_760), flags: ['FIN', 'ACK'] }]),
      wait(250),
    ],
  },
  { id: 'model-child-no-ack', events: [listen(), ...connect(1), arrive([bare(1, ['PSH'], 0, 10)])] },
  {
    id: 'model-child-no-ack-after-fin',
    events: [listen(), ...connect(1), arrive([fin(1)]), arrive([bare(1, ['PSH'], 1, 10)])],
  },
  {
    id: 'model-broadcast',
    events: [
      listen(),
      arrive([syn(1, { broadcast: true })]),
      arrive([{ ...ack(2), ack: { of: 'nothing', plus: 5 }, broadcast: true }]),
    ],
  },
  {
    id: 'model-broadcast-no-listener',
    events: [listen(), { syscall: 'close' }, arrive([syn(1, { broadcast: true })])],
  },
  {
    id: 'model-listen-fails',
    events: [
      listen(4, ['security_socket_listen']),
      listen(4, ['get_port']),
      listen(4, ['reqsk_queue_alloc']),
      listen(),
    ],
  },
  ...SYN_FAULTS.map((fault) => ({
    id: `model-syn-${idOf(fault)}`,
    events: [listen(), arrive([syn(1)], fault), ...connect(1)],
  })),
  ...ACK_FAULTS.map((fault) => ({
    id: `model-ack-${idOf(fault)}`,
    events: [listen(), arrive([syn(1)]), arrive([ack(1)], fault), wait(5000), arrive([ack(1)])],
  })),
  ...COOKIE_FAULTS.map((fault) => ({
    id: `model-cookie-ack-${idOf(fault)}`,
    sysctl: { [COOKIES]: 1 },
    events: [listen(1), ...flood, arrive([syn(20)]), arrive([ack(20)], fault), arrive([ack(20)])],
  })),

  {
    id: 'model-timer-cascade',
    kernel: '2.6.32',
    seed: 483,
    events: [
      listen(),
      ...connect(2),
      arrive([1, 3, 4, 5, 6].map((peer) => syn(peer))),
      wait(2999),
      arrive([fin(2)]),
      wait(5),
    ],
  },
  {
    id: 'model-listener-syn-fin-mainline',
    kernel: '2.6.32',
    release: '2.6.32.69',
    events: [listen(), arrive([syn(1, { flags: ['SYN', 'FIN'] })])],
  },
  {
    id: 'model-sysctl-not-an-int',
    since: '4.15',
    sysctl: { 'net.ipv4.tcp_max_syn_backlog': 4_294_967_295 },
    events: [listen()],
  },
  {
    id: 'model-duplicate-syn-not-answered',
    since: '4.15',
    events: [listen(), arrive([syn(1)]), wait(600), arrive([syn(1)], 'inet_csk_route_req'), wait(1000)],
  },
  {
    id: 'model-child-ack-too-old',
    since: '4.15',
    events: [listen(), ...connect(1), arrive([ack(1, 0, 10, -70_000)])],
  },
  {
    id: 'model-cookie-beside-request',
    since: '5.10',
    sysctl: { [COOKIES]: 2 },
    events: [
      listen(),
      arrive([syn(1)]),
      { sysctl: { [COOKIES]: 1 } },
      arrive([syn(1)], 'send_synack'),
      arrive([ack(1)]),
    ],
  },
  {
    id: 'model-sysctl-bytes',
    since: '5.10',
    sysctl: { [COOKIES]: 255 },
    events: [
      listen(),
      { sysctl: { [COOKIES]: 256 } },
      { sysctl: { 'net.ipv4.tcp_synack_retries': -1 } },
      { sysctl: { 'net.core.somaxconn': 4_294_967_295 } },
    ],
  },
  {
    id: 'model-child-gap-closed',
    since: '5.10',
    events: [
      listen(),
      ...connect(1),
      arrive([ack(1, 10, 10)]),
      arrive([ack(1, 0, 10)]),
      wait(100),
      arrive([ack(1, 20, 10)]),
    ],
  },
  {
    id: 'model-child-data-at-number-0',
    since: '5.10',
    events: [
      listen(),
      arrive([syn(1, { seq: 4_294_967_295 })]),
      ...[0, 0, 0].map((seq) => arrive([{ ...ack(1, 0, 10), seq }])),
      arrive([{ ...ack(1, 0, 5), seq: 5 }]),
    ],
  },
  { id: 'model-fastopen-invalid', since: '4.15', sockopt: { TCP_FASTOPEN: -1 }, events: [listen()] },
  {
    id: 'model-fastopen-listener-gone',
    since: '4.15',
    sysctl: FASTOPEN_ON,
    sockopt: { TCP_FASTOPEN: 4 },
    events: [
      listen(),
      arrive([syn(1, { len: 10 })]),
      accept,
      { syscall: 'shutdown', how: 'SHUT_RD' },
      arrive([{ ...ack(1, 10), flags: ['RST', 'ACK'] }]),
    ],
  },
  {
    id: 'model-fastopen-syn-in-window',
    since: '4.15',
    sysctl: FASTOPEN_ON,
    sockopt: { TCP_FASTOPEN: 4 },
    events: [listen(), arrive([syn(1, { len: 10 })]), arrive([syn(1, { seq: ISN + 20 })]), arrive([ack(1, 10)])],
  },
  {
    id: 'model-fastopen-no-flags',
    since: '4.15',
    sysctl: FASTOPEN_ON,
    sockopt: { TCP_FASTOPEN: 4 },
    events: [listen(), arrive([syn(1, { len: 10 })]), arrive([bare(1, ['PSH'], 10, 10)]), arrive([ack(1, 10)])],
  },
  {
    id: 'model-fastopen-no-child',
    since: '4.15',
    sysctl: FASTOPEN_ON,
    sockopt: { TCP_FASTOPEN: 4 },
    events: [listen(), arrive([syn(1, { len: 10 })], 'tcp_create_openreq_child'), arrive([ack(1)])],
  },
  {
    id: 'model-challenge-ack-limit',
    since: '4.15',
    sysctl: { 'net.ipv4.tcp_challenge_ack_limit': 1 },
    events: [
      listen(),
      ...connect(1),
      ...connect(2),
      ...connect(3),
      arrive([1, 2, 3].map((peer) => bare(peer, ['SYN'], 100))),
    ],
  },
  {
    id: 'model-request-challenge-ack-limit',
    since: '6.1',
    sysctl: { 'net.ipv4.tcp_challenge_ack_limit': 1 },
    events: [
      listen(),
      arrive([1, 2, 3].map((peer) => syn(peer))),
      arrive([1, 2, 3].map((peer) => bare(peer, ['RST'], 100))),
    ],
  },
];

/** A fault as a part of an id: `inet_csk_route_req` is `inet-csk-route-req`. */
function idOf(fault: Fault): string {
  return fault.replace(/^_+/, '').replaceAll('_', '-');
}
