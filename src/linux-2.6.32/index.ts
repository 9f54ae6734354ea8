/** Linux 2.6.32 as a {@link KernelVariant}: the model of 2.6.32-220.el6, and of mainline 2.6.32.x where `release` says so. */

import type { Clock } from '../host/clock.js';
import type { Environment } from '../host/environment.js';
import type { Host } from '../host/host.js';
import type { PacketBacklogOptions } from '../host/packet-backlog.js';
import type { SkBuff } from '../host/segment.js';
import type { KernelVariant, SocketOptions, SystemCall } from '../host/variant.js';
import { Machine } from './machine.js';
import { tcp_v4_rcv } from './net/ipv4/tcp-ipv4.js';
import { NetDevices } from './packet-backlog.js';
import { call } from './process.js';
import { writeSysctl } from './sysctl.js';
import { listener, sockets, synQueue } from './views.js';

/** The kernel variant `2.6.32`. */
export const linux_2_6_32: KernelVariant = {
  name: '2.6.32',
  boot: (env: Environment, clock: Clock, options: SocketOptions, release?: string) =>
    new Machine(env, clock, options, release),
  writeSysctl: (host: Host, name: string, value: number) => writeSysctl(host as Machine, name, value),
  call: (host: Host, what: SystemCall) => call(host as Machine, what),
  receive: (host: Host, segment: SkBuff) => tcp_v4_rcv(host as Machine, segment),
  listener: (host: Host) => listener(host as Machine),
  synQueue: (host: Host) => synQueue(host as Machine),
  synTable: (host: Host) => (host as Machine).listener?.icsk_accept_queue.listen_opt?.syn_table,
  sockets: (host: Host) => sockets(host as Machine),
  packetBacklog: (options: PacketBacklogOptions) => new NetDevices(options),
};
