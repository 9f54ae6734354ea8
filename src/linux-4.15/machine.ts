/** One machine that runs 4.15 or later: its sockets, its one process, and what is global in the kernel. */

import type { Clock } from '../host/clock.js';
import type { Environment } from '../host/environment.js';
import type { SocketOptions } from '../host/variant.js';
import { MachineBase } from '../linux-2.6.32/machine-base.js';
import { defaultsOf } from '../linux-2.6.32/sysctl.js';
import type { request_sock } from './include/net/request-sock.js';
import type { sock } from './include/net/sock.js';
import { inetsw } from './net/ipv4/inetsw.js';
import { noChallengeAcks } from './net/ipv4/tcp-challenge-ack.js';
import type { Release } from './release.js';

/** The kernel as a whole. */
export class Machine extends MachineBase<sock> {
  /** The kernel's release. */
  readonly release: Release;
  /** The hash of connections and requests (`tcp_hashinfo.ehash`): the newest of each peer, which leads to older ones. */
  readonly ehash = new Map<number, sock | request_sock>();
  /** The peers of which the kernel has measured a round trip (`tcp_metrics_hash`). */
  readonly metrics = new Set<number>();
  /** The ACKs for segments out of place, which are limited for the machine as a whole. */
  readonly challenge = noChallengeAcks();

  constructor(release: Release, env: Environment, clock: Clock, options: SocketOptions) {
    super(env, clock, release.timer_bases(), defaultsOf(release.sysctls), inetsw, options);
    this.release = release;
  }
}
