/** One machine that runs 2.6.32: its sockets, its one process, and what is global in the kernel. */

import type { Clock, Instant } from '../host/clock.js';
import type { Environment } from '../host/environment.js';
import type { SocketOptions } from '../host/variant.js';
import type { sock } from './include/net/sock.js';
import { tvec_base } from './kernel/timer.js';
import type { ratelimit_state } from './lib/ratelimit.js';
import { MachineBase } from './machine-base.js';
import { inetsw } from './net/ipv4/inetsw.js';
import { defaultSysctls } from './sysctl.js';

/** What the kernel remembers of a peer from earlier connections (`struct inet_peer`). */
export interface inet_peer {
  /** Its last timestamp. */
  tcp_ts: number;
  /** When it was seen. */
  tcp_ts_stamp: Instant;
}

/** The kernel as a whole. */
export class Machine extends MachineBase<sock> {
  /** The release, where it is known; undefined: the one that the model is cited from. */
  readonly release: string | undefined;
  /** The hash of connections (`tcp_hashinfo.ehash`), by peer. */
  readonly ehash = new Map<number, sock>();
  /** What is remembered of peers, by peer. */
  readonly peers = new Map<number, inet_peer>();
  /** The round-trip times that routes remember (`RTAX_RTT`), by peer. */
  readonly routeRtt = new Map<number, number>();
  /** `syn_flood_warning`'s `warntime`, when it last warned. C starts it at 0, which is long ago; here that is undefined. */
  warntime: Instant | undefined = undefined;
  readonly net_ratelimit_state: ratelimit_state = { begin: undefined, printed: 0, missed: 0 };

  constructor(env: Environment, clock: Clock, options: SocketOptions, release?: string) {
    super(env, clock, new tvec_base(), defaultSysctls(), inetsw, options);
    this.release = release;
  }

  /** True for mainline 2.6.32.x, which differs in a few places from the kernel that the model is cited from. */
  get mainline(): boolean {
    return this.release !== undefined && /^2\.6\.32(\.|$)/.test(this.release);
  }
}
