/** Shrinks a scenario that shows something to a smallest one that still shows it, wherever it comes from: a recording or a generator. */

import type { TraceEvent } from '../generated/types.js';
import type { Scenario } from '../run/scenario.js';

/** How often a scenario is tried before {@link minimize} stops with the smallest that it has. */
export const MOST_TRIES = 2000;

/** How much a scenario has of what can be taken away: events, the segments of a burst beyond its first, settings. */
export function sizeOf({ events, sysctl, sockopt }: Scenario): number {
  const segments = events.reduce((sum, event) => sum + ('segments' in event ? event.segments.length - 1 : 0), 0);
  return events.length + segments + Object.keys(sysctl).length + Object.keys(sockopt).length;
}

/**
 * A smaller scenario for which `fails` is true as well: without the events, segments of bursts, faults, sysctls and socket options that
 * it can do without, its waits and backlogs rounded down, its peers counted from 1 and their sequence numbers from 1000. No single event of the result can be removed, unless
 * {@link MOST_TRIES} tries were not enough. The same scenario and the same `fails` give the same result.
 * @param scenario one for which `fails` is true
 */
export function minimize(scenario: Scenario, fails: (scenario: Scenario) => boolean): Scenario {
  const known = new Map<string, boolean>();
  const stillFails = (smaller: Scenario): boolean => {
    const key = JSON.stringify(smaller);
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= MOST_TRIES) return false;
    const result = fails(smaller);
    known.set(key, result);
    return result;
  };
  let smallest = scenario;
  for (;;) {
    const before = smallest;
    for (const step of STEPS) smallest = step(smallest, stillFails);
    if (JSON.stringify(smallest) === JSON.stringify(before)) return smallest;
  }
}

type Fails = (scenario: Scenario) => boolean;
type Reduction = (scenario: Scenario, fails: Fails) => Scenario;

const STEPS: readonly Reduction[] = [
  withFewerEvents,
  withFewerSegments,
  withoutFaults,
  withFewerSettings('sysctl'),
  withFewerSettings('sockopt'),
  withRounderNumbers,
  withPlainNames,
];

/** `items` without whatever `fails` does not need: halves, then quarters, at last single ones until none can go. */
function fewer<T>(items: readonly T[], fails: (items: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  let size = Math.ceil(kept.length / 2);
  while (size >= 1 && kept.length > 0) {
    let removed = false;
    for (let end = kept.length; end > 0; end -= size) {
      const rest = [...kept.slice(0, Math.max(0, end - size)), ...kept.slice(end)];
      if (!fails(rest)) continue;
      kept = rest;
      removed = true;
    }
    if (size === 1 && !removed) return kept;
    size = Math.max(1, Math.floor(size / 2));
  }
  return kept;
}

function withFewerEvents(scenario: Scenario, fails: Fails): Scenario {
  return { ...scenario, events: fewer(scenario.events, (events) => fails({ ...scenario, events })) };
}

function withFewerSegments(scenario: Scenario, fails: Fails): Scenario {
  return eachEvent(scenario, (event, put) => {
    if (!('segments' in event) || event.segments.length === 1) return undefined;
    const segments = fewer(event.segments, (rest) => rest.length > 0 && fails(put({ ...event, segments: rest })));
    return { ...event, segments };
  });
}

function withoutFaults(scenario: Scenario, fails: Fails): Scenario {
  return eachEvent(scenario, (event, put) => {
    if (!('faults' in event) || event.faults === undefined) return undefined;
    const { faults, ...rest } = event;
    if (fails(put(rest))) return rest;
    return { ...event, faults: fewer(faults, (some) => some.length > 0 && fails(put({ ...event, faults: some }))) };
  });
}

function withFewerSettings(kind: 'sysctl' | 'sockopt'): Reduction {
  return (scenario, fails) => {
    const put = (entries: readonly [string, number][]): Scenario => ({
      ...scenario,
      [kind]: Object.fromEntries(entries),
    });
    return put([...fewer(Object.entries(scenario[kind]), (entries) => fails(put([...entries])))]);
  };
}

/** Waits, µs, and backlogs that read well; smaller ones come first. */
const ROUND_WAITS = [1, 5, 10, 20, 50, 100, 200, 300, 500, 600, 1000, 1100, 2000, 3000, 3100, 4000, 5000, 7000].map(
  (ms) => ms * 1000,
);
const ROUND_BACKLOGS = [0, 1, 2, 3, 4, 8, 16];

function withRounderNumbers(scenario: Scenario, fails: Fails): Scenario {
  return eachEvent(scenario, (event, put) => {
    if ('wait' in event) {
      const rounder = [...ROUND_WAITS, ...cutShort(event.wait)].filter((wait) => wait < event.wait);
      const wait = rounder.find((one) => fails(put({ wait: one })));
      return wait === undefined ? undefined : { wait };
    }
    if (!('syscall' in event) || event.syscall !== 'listen' || event.backlog <= 0) return undefined;
    const backlog = ROUND_BACKLOGS.find((one) => one < event.backlog && fails(put({ ...event, backlog: one })));
    return backlog === undefined ? undefined : { ...event, backlog };
  });
}

/** A time, µs, cut to whole minutes, 10 s, s, 100 ms, 10 ms, ms; none of them 0. */
const cutShort = (us: number): number[] =>
  [60e6, 10e6, 1e6, 1e5, 1e4, 1e3].map((unit) => Math.floor(us / unit) * unit).filter((cut) => cut > 0);

/** The sequence number that a peer is given to begin with. */
const PLAIN_SEQ = 1000;

/**
 * Peers are counted from 1 in the order in which they come, and their sequence numbers from {@link PLAIN_SEQ}, if that changes nothing;
 * what a peer hashes to depends on its number.
 */
function withPlainNames(scenario: Scenario, fails: Fails): Scenario {
  const peers = new Map<number, { readonly number: number; readonly shift: number }>();
  for (const event of scenario.events) {
    for (const { peer, seq } of 'segments' in event ? event.segments : []) {
      if (!peers.has(peer)) peers.set(peer, { number: peers.size + 1, shift: seq - PLAIN_SEQ });
    }
  }
  const renamed = (which: { readonly numbers: boolean; readonly seqs: boolean }): Scenario => ({
    ...scenario,
    events: scenario.events.map((event): TraceEvent => {
      const numberOf = (peer: number): number => (which.numbers ? (peers.get(peer)?.number ?? peer) : peer);
      if (!('segments' in event)) return 'peer' in event ? { ...event, peer: numberOf(event.peer) } : event;
      const segments = event.segments.map((one) => {
        const shift = which.seqs ? (peers.get(one.peer)?.shift ?? 0) : 0;
        return { ...one, peer: numberOf(one.peer), seq: (one.seq - shift) >>> 0 };
      });
      return { ...event, segments };
    }),
  });
  const attempts = [
    { numbers: true, seqs: true },
    { numbers: true, seqs: false },
    { numbers: false, seqs: true },
  ];
  return attempts.map(renamed).find(fails) ?? scenario;
}

/**
 * Replaces one event after the other by what `smaller` makes of it; undefined: it stays. `put` is the scenario with another event in its
 * place.
 */
function eachEvent(
  scenario: Scenario,
  smaller: (event: TraceEvent, put: (event: TraceEvent) => Scenario) => TraceEvent | undefined,
): Scenario {
  let current = scenario;
  for (const [i, event] of scenario.events.entries()) {
    const put = (other: TraceEvent): Scenario => ({ ...current, events: current.events.with(i, other) });
    const replaced = smaller(event, put);
    if (replaced !== undefined) current = put(replaced);
  }
  return current;
}
