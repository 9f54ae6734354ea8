/** What a backlog and sysctls mean on a kernel. The answers are not calculated: they are tried on the kernel's model. */

import type { Errno, KernelVariant } from '../host/variant.js';
import { PACKET_SYSCTLS, type PacketLimits, packetLimits } from './packet-limits.js';
import { type Chance, type Outcome, Probe, type Sysctls } from './probe.js';

/** From the least to the greatest of the values that chance allows; times in seconds. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** The accept queue. */
export interface AcceptQueue {
  /** `sk_max_ack_backlog`, which `ss -lnt` shows as Send-Q. */
  readonly limit: number;
  /** How many connections fit: one more than the limit. */
  readonly capacity: number;
  /** What happens once it is full; undefined where it cannot be filled, because the SYN queue admits too few. */
  readonly full: AcceptQueueFull | undefined;
}

/** What happens while the accept queue is full. */
export interface AcceptQueueFull {
  /** How many new SYNs are still answered at once. */
  readonly admitted: number;
  /** The SYN after those. */
  readonly syn: Outcome;
  /** A SYN five seconds later, when those have become old. */
  readonly laterSyn: Outcome;
  /** The ACK that would complete a handshake begun before. */
  readonly ack: Outcome;
  /** The same client writes when its request has expired, and the accept queue is still full; undefined where it does not expire. */
  readonly write: Outcome | undefined;
}

/** The SYN queue. */
export interface SynQueue {
  /** How many requests it admits at once; undefined: more than {@link PROBES}. */
  readonly capacity: number | undefined;
  /** The SYN after those. */
  readonly syn: Outcome | undefined;
  /** With cookies off, so many requests leave only the last quarter of tcp_max_syn_backlog; undefined: more than {@link PROBES}. */
  readonly lastQuarterFrom: number | undefined;
  /** From so many requests on, old ones are dropped before their time; undefined: it never comes to that. */
  readonly earlyDropsFrom: number | undefined;
}

/** How the life of a request that nobody acknowledges goes, in seconds from its SYN. */
export interface Schedule {
  /** When the SYN-ACK is sent again. */
  readonly resends: readonly Span[];
  /** When the request is dropped; undefined: not within {@link RESENDS} retransmissions. */
  readonly dies: Span | undefined;
}

/** Up to which age the ACK of a cookie makes a connection, in seconds. */
export interface CookieLife {
  /** The listener sends no other cookie meanwhile. */
  readonly alone: Span;
  /** The listener goes on sending cookies to others. */
  readonly amongOthers: Span;
}

/** What settings mean on a kernel. */
export interface Limits {
  readonly kernel: string;
  readonly backlog: number;
  /** The settings in force that matter here, by full name. */
  readonly sysctl: Sysctls;
  /** The settings asked for; the others are the kernel's defaults. */
  readonly asked: Sysctls;
  /** Of the settings asked for, those that the kernel refuses, with the errno. */
  readonly refused: Readonly<Record<string, Errno>>;
  /** What `listen` gives: 0, or an errno; with an errno there is nothing else to tell. */
  readonly listen: 0 | Errno;
  readonly acceptQueue: AcceptQueue | undefined;
  readonly synQueue: SynQueue | undefined;
  /** Undefined where no SYN gets a request. */
  readonly schedule: Schedule | undefined;
  /** The same while the SYN queue is full; undefined where that makes no difference, or where it is too big to try. */
  readonly scheduleWhenFull: Schedule | undefined;
  /** Undefined where no cookies are sent. */
  readonly cookies: CookieLife | undefined;
  /** The queue in front of both. */
  readonly packetBacklog: PacketLimits | undefined;
}

/** How many SYNs are tried to find a queue's end. */
export const PROBES = 2 ** 17;

/** How many retransmissions are followed. */
export const RESENDS = 40;

/** How many connections are made to fill an accept queue; what happens when it is full does not hang on its size. */
const CONNECTIONS = 1024;

/** The largest SYN queue whose requests are followed one by one. */
const FOLLOWED = 4096;

/** How many requests are followed to find what chance allows. */
const SAMPLES = 128;

const SECOND = 1_000_000;

/** The sysctls that matter here, by full name. */
export const LIMITS_SYSCTLS: readonly string[] = [
  ...PACKET_SYSCTLS,
  'net.core.somaxconn',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_synack_retries',
];

/** What `listen(fd, backlog)` gets from this kernel with these sysctls. What is not named has the kernel's default. */
export function limits(variant: KernelVariant, backlog: number, sysctls: Sysctls = {}): Limits {
  const ofPackets = (name: string): boolean => PACKET_SYSCTLS.includes(name);
  const asked = Object.entries(sysctls);
  const packets = packetLimits(variant, Object.fromEntries(asked.filter(([name]) => ofPackets(name))));
  const ofTcp = Object.fromEntries(asked.filter(([name]) => !ofPackets(name)));
  const settings: Settings = { variant, backlog, sysctls: ofTcp };
  const probe = probeOf(settings);
  const inForce: Sysctls = { ...probe.host.sysctl, ...packets.sysctl };
  const shown = LIMITS_SYSCTLS.filter((name) => name in inForce);
  const about = {
    kernel: variant.name,
    backlog,
    sysctl: Object.fromEntries(shown.map((name) => [name, inForce[name] ?? 0])),
    asked: sysctls,
    refused: { ...probe.refused, ...packets.refused },
    listen: probe.listened,
  };
  const { info } = probe;
  if (probe.listened !== 0 || info === undefined) {
    const nothing = { acceptQueue: undefined, synQueue: undefined, schedule: undefined };
    return { ...about, ...nothing, scheduleWhenFull: undefined, cookies: undefined, packetBacklog: undefined };
  }
  const capacity = capacityOf(settings);
  const syn = capacity === undefined ? undefined : synAfter(settings, capacity);
  const schedule = capacity === 0 ? undefined : scheduleOf(settings, capacity);
  const earlyDropsFrom = pressure(settings, capacity);
  return {
    ...about,
    acceptQueue: {
      limit: info.maxAcceptQueue,
      capacity: info.maxAcceptQueue + 1,
      full: acceptQueueFull(settings, info.maxAcceptQueue, schedule),
    },
    synQueue: { capacity, syn, lastQuarterFrom: lastQuarter(settings), earlyDropsFrom },
    schedule,
    scheduleWhenFull: earlyDropsFrom === undefined ? undefined : scheduleWhenFull(settings, capacity),
    cookies: cookieLife(settings),
    packetBacklog: packets.limits,
  };
}

/** What a question is about. */
interface Settings {
  readonly variant: KernelVariant;
  readonly backlog: number;
  readonly sysctls: Sysctls;
}

const probeOf = ({ variant, backlog, sysctls }: Settings, chance: Chance = {}): Probe =>
  new Probe(variant, backlog, sysctls, chance);

/** Sends SYNs of different clients, none of which goes on, until one gets no request: how many did. Undefined: more than {@link PROBES}. */
function capacityOf(settings: Settings): number | undefined {
  const probe = probeOf(settings);
  let admitted = 0;
  while (probe.syn(admitted + 1) === 'SYN-ACK') if (++admitted > PROBES) return undefined;
  return admitted;
}

/** What a SYN meets after `capacity` others were admitted. */
function synAfter(settings: Settings, capacity: number): Outcome {
  const probe = probeOf(settings);
  for (let peer = 1; peer <= capacity; peer++) probe.syn(peer);
  return probe.watch(() => probe.syn(capacity + 1));
}

/** The number of requests at which a queue that is as long as it likes refuses the next one, cookies being off. */
function lastQuarter({ variant, sysctls }: Settings): number | undefined {
  const roomy = { ...sysctls, 'net.core.somaxconn': 2 * PROBES, 'net.ipv4.tcp_syncookies': 0 };
  return capacityOf({ variant, backlog: 2 * PROBES, sysctls: roomy });
}

function acceptQueueFull(
  settings: Settings,
  limit: number,
  schedule: Schedule | undefined,
): AcceptQueueFull | undefined {
  const asked = limit > CONNECTIONS ? { ...settings, backlog: CONNECTIONS } : settings;
  const early = 1;
  const filled = (waiting: boolean): Probe | undefined => {
    const probe = probeOf(asked);
    if (waiting && probe.syn(early) === 'nothing') return undefined;
    const room = (probe.info?.maxAcceptQueue ?? 0) + 1;
    for (let peer = 2; peer < room + 2; peer++) if (!probe.connect(peer)) return undefined;
    return probe;
  };
  const [forSyns, forAck] = [filled(false), filled(true)];
  if (forSyns === undefined || forAck === undefined) return undefined;
  const stranger = 2 * CONNECTIONS;
  let admitted = 0;
  let syn: Outcome;
  do syn = forSyns.watch(() => forSyns.syn(stranger + admitted++));
  while (syn.reply === 'SYN-ACK' && admitted <= CONNECTIONS);
  forSyns.elapse(5 * SECOND);
  const laterSyn = forSyns.watch(() => forSyns.syn(2 * stranger));
  const ack = forAck.watch(() => forAck.ack(early));
  return { admitted: admitted - 1, syn, laterSyn, ack, write: writeWhenExpired(forAck, early, schedule) };
}

function writeWhenExpired(probe: Probe, peer: number, schedule: Schedule | undefined): Outcome | undefined {
  if (probe.peers().has(peer)) {
    if (schedule?.dies === undefined) return undefined;
    probe.elapse((schedule.dies.most + 1) * SECOND);
    if (probe.peers().has(peer)) return undefined;
  }
  return probe.watch(() => probe.ack(peer, 100));
}

/** How requests fare in a queue that is nearly empty. */
function scheduleOf(settings: Settings, capacity = PROBES): Schedule {
  const together = Math.max(1, Math.min(64, capacity >> 2));
  const lives: Life[] = [];
  for (let seed = 0; lives.length < SAMPLES; seed++) {
    const probe = probeOf(settings, { seed });
    lives.push(...follow(probe, together, Math.floor((5 * SECOND) / together)));
  }
  return summary(lives);
}

/** How requests fare that fill the queue within a moment. */
function scheduleWhenFull(settings: Settings, capacity: number | undefined): Schedule | undefined {
  if (capacity === undefined || capacity > FOLLOWED) return undefined;
  const lives: Life[] = [];
  for (let seed = 0; seed < 4 || lives.length < SAMPLES; seed++) {
    lives.push(...follow(probeOf(settings, { seed }), capacity, 0));
  }
  return summary(lives);
}

/** The life of a request, in µs from its SYN. */
interface Life {
  readonly resends: number[];
  dies: number | undefined;
}

/** Lets `count` clients send a SYN every `interval` µs, and follows their requests to the end. */
function follow(probe: Probe, count: number, interval: number): Life[] {
  const lives = new Map<number, Life & { readonly born: number }>();
  const onTick: Parameters<Probe['elapse']>[1] = (at, sent, rules) => {
    for (const { peer } of sent) {
      const life = lives.get(peer);
      life?.resends.push(at - life.born);
    }
    if (!rules.some((rule) => rule.endsWith('/expire'))) return;
    const alive = probe.peers();
    for (const [peer, life] of lives) if (life.dies === undefined && !alive.has(peer)) life.dies = at - life.born;
  };
  for (let peer = 1; peer <= count; peer++) {
    const born = (peer - 1) * interval;
    probe.elapse(born, onTick);
    if (probe.syn(peer) === 'SYN-ACK') lives.set(peer, { born, resends: [], dies: undefined });
  }
  const undecided = (): boolean =>
    [...lives.values()].some(({ dies, resends }) => dies === undefined && resends.length < RESENDS);
  for (let until = count * interval + 300 * SECOND; undecided(); until += 300 * SECOND) probe.elapse(until, onTick);
  return [...lives.values()];
}

function summary(lives: readonly Life[]): Schedule {
  const longest = Math.max(...lives.map(({ resends }) => resends.length));
  const resends = Array.from({ length: longest }, (_, i) => span(lives.flatMap((life) => life.resends[i] ?? [])));
  const deaths = lives.map(({ dies }) => dies);
  return { resends, dies: deaths.includes(undefined) ? undefined : span(deaths as number[]) };
}

/** The span of times in µs, in seconds. */
function span(times: readonly number[]): Span {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const time of times) {
    least = Math.min(least, time);
    most = Math.max(most, time);
  }
  return { least: least / SECOND, most: most / SECOND };
}

/** The least number of simultaneous requests of which some are judged by a lower limit than their retries. */
function pressure(settings: Settings, capacity = PROBES): number | undefined {
  const lowered = (requests: number): boolean => {
    const probe = probeOf(settings);
    for (let peer = 1; peer <= requests; peer++) probe.syn(peer);
    let seen = false;
    probe.elapse(10 * SECOND, (_at, _sent, rules) => {
      seen ||= rules.some((rule) => rule.endsWith('/half-full'));
    });
    return seen;
  };
  let [no, yes] = [0, capacity];
  if (!lowered(yes)) return undefined;
  // It is about half of the queue: look there first, then ever further away.
  for (let [guess, step] = [yes >> 1, 1]; guess > no && guess < yes; step *= 2) {
    if (lowered(guess)) {
      yes = guess;
      guess -= step;
    } else {
      no = guess;
      guess += step;
    }
  }
  while (yes - no > 1) {
    const middle = (no + yes) >> 1;
    if (lowered(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** Tries cookies of different ages on a small listener, at different times of the minute by which the kernel counts their age. */
function cookieLife({ variant, sysctls }: Settings): CookieLife | undefined {
  const small: Settings = { variant, backlog: 8, sysctls };
  if (flood(probeOf(small), 1) === undefined) return undefined;
  const most = (minute: number, others: boolean): number => {
    let [yes, no] = [0, 300 * SECOND];
    while (no - yes > SECOND / 100) {
      const age = (yes + no) / 2;
      if (isGood(probeOf(small, { minute }), age, others)) yes = age;
      else no = age;
    }
    return yes;
  };
  const minutes = [0, 15 * SECOND, 30 * SECOND, 45 * SECOND, 60 * SECOND - 1];
  return {
    alone: span(minutes.map((minute) => most(minute, false))),
    amongOthers: span(minutes.map((minute) => most(minute, true))),
  };
}

/** True when a cookie makes a connection at that age, µs. */
function isGood(probe: Probe, age: number, others: boolean): boolean {
  const peer = flood(probe, 1);
  if (peer === undefined) return false;
  if (others && age > SECOND) {
    for (let at = SECOND; at < age; at += 30 * SECOND) probe.elapse(at);
    probe.elapse(age - SECOND);
    flood(probe, 1000);
  }
  probe.elapse(age);
  const before = probe.info?.acceptQueue ?? 0;
  probe.ack(peer);
  return (probe.info?.acceptQueue ?? 0) > before;
}

/** SYNs of clients from `first` on until one gets a cookie: that client. */
function flood(probe: Probe, first: number): number | undefined {
  for (let peer = first; peer < first + 64; peer++) if (probe.syn(peer) === 'cookie') return peer;
  return undefined;
}
