/** What a recorder would read of a machine after each event. Part of a run's state, so it is cloned with it. */

import type { Observed } from '../generated/types.js';
import { type CounterName, TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import type { Host } from '../host/host.js';
import type { KernelVariant } from '../host/variant.js';

/** Where each counter stands in a reading. */
const PLACE = new Map<string, number>([...TCP_ROW, ...TCP_EXT_ROW].map((name, place) => [name, place]));

const placeOf = (name: string): number => PLACE.get(name) as number;

/** Reads one machine. */
export class Observer {
  private readonly variant: KernelVariant;
  private readonly host: Host;
  private readonly rows: boolean;
  private readonly read: Partial<Record<CounterName, number>> = {};

  /** `rows`: whether the rows of /proc/net/tcp are read, which takes the longer the more of them there are. Default true. */
  constructor(variant: KernelVariant, host: Host, rows = true) {
    this.variant = variant;
    this.host = host;
    this.rows = rows;
  }

  /** What is to be read at `at`, µs. The counters are those that moved since the reading before. */
  observe(at: number): Observed {
    const { host, variant } = this;
    const counters = this.movedCounters();
    const listener = variant.listener(host);
    const shown = listener === undefined ? {} : { listener };
    const rows = this.rows ? { sockets: variant.sockets(host) } : {};
    return { at, ...shown, ...rows, counters, until: at };
  }

  private movedCounters(): Record<string, number> {
    const { read } = this;
    const now = this.host.counters;
    const moved: CounterName[] = [];
    // The object has those that ever moved, which are few.
    for (const name in now) if (now[name as CounterName] !== read[name as CounterName]) moved.push(name as CounterName);
    const counters: Record<string, number> = {};
    for (const name of moved.sort((a, b) => placeOf(a) - placeOf(b))) {
      const value = now[name] as number;
      counters[name] = value - (read[name] ?? 0);
      read[name] = value;
    }
    return counters;
  }
}
