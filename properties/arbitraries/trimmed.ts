/** Cuts a scenario down to what a subject can be put through. */

import type { ArrivingSegment, Feature, TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import type { Scenario } from '../../src/run/scenario.js';
import {
  afterHandshake,
  COOKIES,
  cookiesByDefault,
  type Handshakes,
  refusedHandshakes,
  type ScenarioLimits,
  UNLIMITED,
} from './limits.js';

/**
 * A scenario like this one, but without what the limits lack: events, segments, options and peers that are too much go, waits are cut, cookies are
 * turned off. Where only whole handshakes are possible, every first SYN becomes one. Of the result nothing is unmet.
 */
export function trimmed(scenario: Scenario, kernel: KernelVariant, limits: ScenarioLimits): Scenario {
  if (limits === UNLIMITED) return scenario;
  const has = (feature: Feature): boolean => limits.features.has(feature);
  const knows = (name: string): boolean => limits.sysctls === 'all' || limits.sysctls.has(name);
  const noCookies = !has('cookies') && knows(COOKIES) ? { [COOKIES]: 0 } : {};
  let left: Scenario = {
    sysctl: { ...only(scenario.sysctl, knows), ...noCookies },
    sockopt: only(scenario.sockopt, (name) => limits.sockopts === 'all' || limits.sockopts.has(name)),
    events: trimEvents(scenario.events, limits, has),
  };
  // Where cookies can neither be had nor be turned off, only handshakes that need none are left.
  const noneAtAll = !has('cookies') && !knows(COOKIES) && cookiesByDefault(kernel) !== 0;
  const turnedAway = has('turned-away');
  if (noneAtAll) left = wholeHandshakes(left, kernel, { cookies: false, turnedAway });
  else if (!has('segments')) left = wholeHandshakes(left, kernel, { cookies: true, turnedAway });
  else if (!has('segments-after-handshake')) left = withoutAfterHandshake(left, kernel);
  return left;
}

/** The entries whose names are allowed. */
function only<T extends object>(entries: T, allowed: (name: string) => boolean): T {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => allowed(name))) as T;
}

/** What can be told event by event. */
function trimEvents(
  events: readonly TraceEvent[],
  limits: ScenarioLimits,
  has: (feature: Feature) => boolean,
): TraceEvent[] {
  const peers = new Set<number>();
  const admitted = ({ peer, broadcast = false }: ArrivingSegment): boolean => {
    if (broadcast && !has('broadcast')) return false;
    if (!peers.has(peer) && peers.size >= limits.peers) return false;
    peers.add(peer);
    return true;
  };
  let left = limits.longest;
  let listened = false;
  return events.flatMap((event): TraceEvent[] => {
    if ('wait' in event) {
      const wait = Math.min(event.wait, Math.floor(left));
      left -= wait;
      return wait === event.wait || wait > 0 ? [{ wait }] : [];
    }
    if ('sysctl' in event) {
      if (!has('sysctl-write')) return [];
      const knows = (name: string): boolean => limits.sysctls === 'all' || limits.sysctls.has(name);
      const sysctl = only(event.sysctl, (name) => knows(name) && (name !== COOKIES || has('cookies')));
      return Object.keys(sysctl).length === 0 ? [] : [{ sysctl }];
    }
    if ('segments' in event) {
      const segments = event.segments.filter(admitted).map((segment) => trimSegment(segment, has));
      return segments.length === 0 ? [] : [withFaults({ segments }, event.faults, has)];
    }
    switch (event.syscall) {
      case 'accept':
        return [event];
      case 'shutdown':
        return has('shutdown') ? [event] : [];
      case 'close':
        return has('peer' in event ? 'close-connection' : 'close-listener') ? [event] : [];
      default: {
        const again = event.on === undefined && listened;
        if (event.on === undefined) listened = true;
        if ((again && !has('listen-again')) || (event.on !== undefined && !has('listen-elsewhere'))) return [];
        const { faults, ...call } = event;
        return [withFaults(call, faults, has)];
      }
    }
  });
}

/** The event with its faults, if there may be any. */
function withFaults<E extends TraceEvent>(
  event: E,
  faults: Extract<TraceEvent, { readonly faults?: unknown }>['faults'],
  has: (feature: Feature) => boolean,
): TraceEvent {
  return faults === undefined || faults.length === 0 || !has('faults') ? event : { ...event, faults };
}

/** The segment without data and options that cannot be sent. */
function trimSegment(segment: ArrivingSegment, has: (feature: Feature) => boolean): ArrivingSegment {
  const { len, options, ...rest } = segment;
  return {
    ...rest,
    ...(len !== undefined && has('data') ? { len } : {}),
    ...(options !== undefined && has('timestamps') ? { options } : {}),
  };
}

/** The first SYN of each peer as a handshake that is completed at once; nothing else arrives. Those that are none in the kernel are left out. */
function wholeHandshakes(scenario: Scenario, kernel: KernelVariant, allowed: Handshakes): Scenario {
  const known = new Set<number>();
  let events = scenario.events.flatMap((event): TraceEvent[] => {
    if (!('segments' in event)) return [event];
    return event.segments.flatMap((segment): TraceEvent[] => {
      const { peer, seq, options } = segment;
      if (!segment.flags.includes('SYN') || known.has(peer)) return [];
      known.add(peer);
      const more = options === undefined ? {} : { options };
      const syn: ArrivingSegment = { peer, flags: ['SYN'], seq, ...more };
      const ack: ArrivingSegment = {
        peer,
        flags: ['ACK'],
        seq: (seq + 1) >>> 0,
        ack: { of: 'synack', plus: 1 },
        ...more,
      };
      return [{ segments: [syn] }, { segments: [ack] }];
    });
  });
  // Leaving some out may let others through that are left out with them, or stop others.
  for (;;) {
    const refused = refusedHandshakes({ ...scenario, events }, kernel, allowed);
    if (refused.size === 0) return { ...scenario, events };
    events = events.filter((_, i) => !refused.has(i));
  }
}

/** Without the segments from peers that have a connection. */
function withoutAfterHandshake(scenario: Scenario, kernel: KernelVariant): Scenario {
  let events = scenario.events;
  for (;;) {
    const found = afterHandshake({ ...scenario, events }, kernel);
    if (found.size === 0) return { ...scenario, events };
    events = events.flatMap((event, i): TraceEvent[] => {
      const extra = found.get(i);
      if (extra === undefined || !('segments' in event)) return [event];
      const segments = event.segments.filter((_, k) => !extra.has(k));
      return segments.length === 0 ? [] : [{ ...event, segments }];
    });
  }
}
