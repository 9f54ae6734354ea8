/** Linux 4.15 as a {@link KernelVariant}: the model of 4.15.11. */

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
import { listener, sockets } from './views.js';

/** The kernel variant `4.15`. */
export const linux_4_15: KernelVariant = {
  name: '4.15',
  boot: (env: Environment, clock: Clock, options: SocketOptions) => new Machine(env, clock, options),
  writeSysctl: (host: Host, name: string, value: number) => writeSysctl(host as Machine, name, value),
  call: (host: Host, what: SystemCall) => call(host as Machine, what),
  receive: (host: Host, segment: SkBuff) => tcp_v4_rcv(host as Machine, segment),
  listener: (host: Host) => listener(host as Machine),
  sockets: (host: Host) => sockets(host as Machine),
  packetBacklog: (options: PacketBacklogOptions) => new NetDevices(options),
};
