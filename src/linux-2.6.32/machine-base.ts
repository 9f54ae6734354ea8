/** What a machine has whichever kernel it runs, and what a kernel's own sockets are to the code that no kernel changed. */

import type { Clock } from '../host/clock.js';
import type { Environment } from '../host/environment.js';
import { Host } from '../host/host.js';
import type { TimerBase } from '../host/timers.js';
import type { SocketOptions } from '../host/variant.js';
import type { inet_protosw } from './include/net/protocol.js';
import type { sock_base } from './include/net/sock.js';

/** A machine with one process. `S` is the kernel's socket. */
export abstract class MachineBase<S extends sock_base = sock_base> extends Host {
  /** How the code that serves every protocol reaches this kernel's TCP. */
  readonly inetsw: inet_protosw;
  /** Options for each listener that the process makes. */
  readonly options: SocketOptions;
  /** The socket that the process listens on, or listened on before a shutdown. */
  listener: S | undefined = undefined;
  /** The connections that the process has accepted and not closed, by peer. */
  readonly accepted = new Map<number, S>();

  protected constructor(
    env: Environment,
    clock: Clock,
    timers: TimerBase,
    sysctls: Record<string, number>,
    inetsw: inet_protosw,
    options: SocketOptions,
  ) {
    super(env, clock, timers, sysctls);
    this.inetsw = inetsw;
    this.options = options;
  }
}
