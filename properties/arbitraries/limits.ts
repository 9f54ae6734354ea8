/** What a subject can be put through, and what a scenario asks for beyond that. */

import type { ArrivingSegment, Capabilities, Feature, TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { type PlayedTrace, playScenario, type Scenario } from '../../src/run/scenario.js';
import { defaultOf } from './sysctls.js';

/** What a subject can be put through. */
export interface ScenarioLimits {
  /** What it can do beside complete handshakes and `accept`. */
  readonly features: ReadonlySet<Feature>;
  /** The sysctls that it knows, by full name. */
  readonly sysctls: ReadonlySet<string> | 'all';
  /** The socket options of the listener that it knows. */
  readonly sockopts: ReadonlySet<string> | 'all';
  /** What a scenario's waits may add up to, µs. */
  readonly longest: number;
  /** How many clients a scenario may have. */
  readonly peers: number;
}

/** Every feature, and what a scenario that needs it has, in words. */
export const FEATURES: Readonly<Record<Feature, string>> = {
  segments: 'segments one by one',
  'turned-away': 'clients that get no answer and give up',
  'segments-after-handshake': 'segments from a peer whose handshake is complete',
  data: 'segments with data',
  timestamps: 'segments with timestamps',
  broadcast: 'segments to a broadcast address',
  cookies: 'SYN cookies',
  'listen-again': 'listen more than once',
  'listen-elsewhere': 'listen on what is not the listener',
  shutdown: 'shutdown of the listener',
  'close-listener': 'close of the listener',
  'close-connection': 'close of a connection',
  'sysctl-write': 'settings that change while it listens',
  faults: 'functions that are made to fail',
};

/** Of a subject that can be put through everything, as a model can. */
export const UNLIMITED: ScenarioLimits = {
  features: new Set(Object.keys(FEATURES) as Feature[]),
  sysctls: 'all',
  sockopts: 'all',
  longest: Number.POSITIVE_INFINITY,
  peers: Number.POSITIVE_INFINITY,
};

/** What a subject says that it can be put through. Whoever has `segments` has `turned-away`. */
export function limitsOf({ features, sysctls, sockopts, clock, peers }: Capabilities): ScenarioLimits {
  return {
    features: new Set(features.includes('segments') ? [...features, 'turned-away'] : features),
    sysctls: new Set(sysctls),
    sockopts: new Set(sockopts),
    longest: clock.kind === 'real' ? clock.longest : Number.POSITIVE_INFINITY,
    peers: peers ?? Number.POSITIVE_INFINITY,
  };
}

/** The sysctl that turns SYN cookies on: 0 is off. */
export const COOKIES = 'net.ipv4.tcp_syncookies';

/** The seeds under which it is tried whose handshake is complete when: what the kernel leaves to chance decides that now and then. */
const SEEDS = [0, 1, 2];

/**
 * What a scenario needs and the limits lack, in words; none: a subject with these limits can be put through it on `kernel`. What hangs on how
 * the kernel answers (whether a handshake is complete) is found by playing the scenario on the model.
 */
export function unmet(scenario: Scenario, kernel: KernelVariant, limits: ScenarioLimits): string[] {
  if (limits === UNLIMITED) return [];
  const { sysctl, sockopt, events } = scenario;
  const lacks = (feature: Feature): boolean => !limits.features.has(feature);
  const lacking = [...featuresOf(events)].filter(lacks);
  const turnedAway = !lacks('turned-away');
  if (lacks('segments')) {
    const refused = (allowed: Handshakes): boolean => refusedHandshakes(scenario, kernel, allowed).size > 0;
    if (refused({ cookies: true, turnedAway: true })) lacking.push('segments');
    else if (!turnedAway && refused({ cookies: true, turnedAway })) lacking.push('turned-away');
  }
  if (lacks('cookies') && mayCookie(scenario, kernel, turnedAway)) lacking.push('cookies');
  if (lacks('segments-after-handshake') && afterHandshake(scenario, kernel).size > 0) {
    lacking.push('segments-after-handshake');
  }
  const written = events.flatMap((event) => ('sysctl' in event ? Object.keys(event.sysctl) : []));
  const unknown = (names: readonly string[], known: ReadonlySet<string> | 'all'): string[] =>
    known === 'all' ? [] : [...new Set(names)].filter((name) => !known.has(name));
  const waits = totalWait(events);
  const peers = peersOf(events).size;
  return [
    ...lacking.map((feature) => `${feature}: ${FEATURES[feature]}`),
    ...unknown([...Object.keys(sysctl), ...written], limits.sysctls).map((name) => `the sysctl ${name}`),
    ...unknown(Object.keys(sockopt), limits.sockopts).map((name) => `the socket option ${name}`),
    ...(waits > limits.longest ? [`waits of ${waits / 1e6} s in all, at most ${limits.longest / 1e6} s`] : []),
    ...(peers > limits.peers ? [`${peers} peers, at most ${limits.peers}`] : []),
  ];
}

/** The peers that send something. */
export function peersOf(events: readonly TraceEvent[]): Set<number> {
  return new Set(events.flatMap((event) => ('segments' in event ? event.segments.map(({ peer }) => peer) : [])));
}

/** What the waits add up to, µs. */
function totalWait(events: readonly TraceEvent[]): number {
  return events.reduce((sum, event) => sum + ('wait' in event ? event.wait : 0), 0);
}

/** The features that can be told from the events alone. */
function featuresOf(events: readonly TraceEvent[]): Set<Feature> {
  const found = new Set<Feature>();
  let listened = false;
  for (const event of events) {
    if ('faults' in event && (event.faults?.length ?? 0) > 0) found.add('faults');
    if ('sysctl' in event) found.add('sysctl-write');
    if ('segments' in event) for (const segment of event.segments) for (const one of ofSegment(segment)) found.add(one);
    if (!('syscall' in event)) continue;
    if (event.syscall === 'shutdown') found.add('shutdown');
    if (event.syscall === 'close') found.add('peer' in event ? 'close-connection' : 'close-listener');
    if (event.syscall !== 'listen') continue;
    if (event.on !== undefined) found.add('listen-elsewhere');
    else if (listened) found.add('listen-again');
    else listened = true;
  }
  return found;
}

function ofSegment({ len = 0, options = [], broadcast = false }: ArrivingSegment): Feature[] {
  const found: Feature[] = [];
  if (len > 0) found.push('data');
  if (options.length > 0) found.push('timestamps');
  if (broadcast) found.push('broadcast');
  return found;
}

/** What is a handshake of clients that connect at once. */
export interface Handshakes {
  /** Also one that is answered with a cookie. */
  readonly cookies: boolean;
  /** Also one that is not answered at all, where the ACK that follows is for nothing: the client has given up. */
  readonly turnedAway: boolean;
}

/**
 * The events that are not part of complete handshakes: one or more SYNs, which all are answered, and in the very next event the ACKs of these
 * handshakes in the same order, each of which makes a connection; and no peer does it twice.
 * @returns indexes of events in which segments arrive
 */
export function refusedHandshakes(
  scenario: Scenario,
  kernel: KernelVariant,
  { cookies, turnedAway }: Handshakes,
): Set<number> {
  const { events } = scenario;
  const refused = new Set<number>();
  const paired = new Set<number>();
  const known = new Set<number>();
  for (const [i, event] of events.entries()) {
    if (!('segments' in event) || paired.has(i)) continue;
    const next = events[i + 1];
    const fresh =
      event.segments.every(({ peer }) => !known.has(peer)) && peersOf([event]).size === event.segments.length;
    for (const { peer } of event.segments) known.add(peer);
    if (fresh && next !== undefined && 'segments' in next && completes(event.segments, next.segments))
      paired.add(i + 1);
    else refused.add(i);
  }
  if (paired.size === 0) return refused;
  const { steps } = playScenario(kernel, scenario);
  for (const i of paired) {
    const rows = new Map(steps[i]?.observed.sockets?.map(({ peer, state }) => [peer, state]));
    const cookie = 'SyncookiesSent' in (steps[i - 1]?.observed.counters ?? {});
    const answered = new Set(steps[i - 1]?.out.map(({ peer }) => peer));
    const whole = [...peersOf([events[i] as TraceEvent])].every(
      (peer) => rows.get(peer) === 'ESTABLISHED' || (turnedAway && !answered.has(peer) && !rows.has(peer)),
    );
    if (whole && (cookies || !cookie)) continue;
    refused.add(i - 1).add(i);
  }
  return refused;
}

/** Whether `acks` are exactly what completes the handshakes that `syns` begin. */
function completes(syns: readonly ArrivingSegment[], acks: readonly ArrivingSegment[]): boolean {
  return (
    syns.length === acks.length &&
    syns.every((syn, i) => {
      const ack = acks[i] as ArrivingSegment;
      return (
        isExactly(syn, 'SYN') &&
        isExactly(ack, 'ACK') &&
        ack.peer === syn.peer &&
        ack.seq === (syn.seq + 1) >>> 0 &&
        ack.ack?.of === 'synack' &&
        ack.ack.plus === 1
      );
    })
  );
}

/** Whether a segment has this flag and no other, and no data. */
function isExactly({ flags, len = 0 }: ArrivingSegment, flag: 'SYN' | 'ACK'): boolean {
  return flags.length === 1 && flags[0] === flag && len === 0;
}

/**
 * Whether the kernel may have to send a cookie: `net.ipv4.tcp_syncookies` is not 0 all the time, and not every SYN belongs to a handshake that is
 * completed at once and without one.
 */
function mayCookie(scenario: Scenario, kernel: KernelVariant, turnedAway: boolean): boolean {
  const { sysctl, events } = scenario;
  const values = [
    sysctl[COOKIES] ?? cookiesByDefault(kernel),
    ...events.map((event) => ('sysctl' in event ? event.sysctl[COOKIES] : undefined)),
  ];
  if (values.every((value) => value === undefined || value === 0)) return false;
  return refusedHandshakes(scenario, kernel, { cookies: false, turnedAway }).size > 0;
}

/** The kernel's default of `net.ipv4.tcp_syncookies`. */
export function cookiesByDefault(kernel: KernelVariant): number {
  return defaultOf(kernel, COOKIES) ?? 1;
}

/**
 * The segments that arrive from peers that have, or may have, a connection, and those that a new connection looks at again, beyond the ACK that
 * made it: it may have been made by an ACK with a FIN or a SYN.
 * @returns for each such event its index, and of its segments the indexes
 */
export function afterHandshake(scenario: Scenario, kernel: KernelVariant): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  const note = (event: number, segment: number): void => {
    found.set(event, (found.get(event) ?? new Set()).add(segment));
  };
  const plays = SEEDS.map((seed) => playScenario(kernel, scenario, { seed }));
  for (const [i, event] of scenario.events.entries()) {
    if (!('segments' in event)) continue;
    const before = new Set(plays.flatMap((play) => connected(play, i - 1)));
    const within = new Set<number>();
    const completes = plays.some(({ steps }) => 'PassiveOpens' in (steps[i]?.observed.counters ?? {}));
    for (const [k, { peer, flags }] of event.segments.entries()) {
      const acks = flags.includes('ACK');
      const more = flags.includes('FIN') || flags.includes('SYN');
      if (before.has(peer) || within.has(peer) || (completes && acks && more)) note(i, k);
      if (acks) within.add(peer);
    }
  }
  return found;
}

/** The peers that have a connection at the end of a step; one whose Fast Open handshake is unfinished is not told from a request. */
function connected({ steps }: PlayedTrace, step: number): number[] {
  return (steps[step]?.observed.sockets ?? []).flatMap(({ peer, state }) => (state === 'SYN_RECV' ? [] : [peer]));
}
