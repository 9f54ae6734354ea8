/** What a recorder would read of a machine after each event. Part of a run's state, so it is cloned with it. */

import type { Observed } from '../generated/types.js';
import { type CounterName, TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import type { Host } from '../host/host.js';
import type { KernelVariant } from '../host/variant.js';

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
    const counters: Record<string, number> = {};
    for (const name of [...TCP_ROW, ...TCP_EXT_ROW]) {
      const value = host.counters[name] ?? 0;
      const moved = value - (this.read[name] ?? 0);
      if (moved === 0) continue;
      counters[name] = moved;
      this.read[name] = value;
    }
    const listener = variant.listener(host);
    const shown = listener === undefined ? {} : { listener };
    const rows = this.rows ? { sockets: variant.sockets(host) } : {};
    return { at, ...shown, ...rows, counters, until: at };
  }
}
