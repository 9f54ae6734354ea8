/** Linux 4.15 as a {@link KernelVariant}: the model of 4.15.11; and later kernels, which run the same machine with functions of their own. */

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
import { type Release, release } from './release.js';
import { writeSysctl } from './sysctl.js';
import { listener, sockets, synQueue } from './views.js';

/**
 * The kernel variant `name`, whose machines run `release`.
 * @param pointRelease what a machine runs in its place, by what it calls its kernel
 */
export function variantOf(
  name: string,
  release: Release,
  pointRelease = (_name: string): Release => release,
): KernelVariant {
  return {
    name,
    boot: (env: Environment, clock: Clock, options: SocketOptions, named?: string) =>
      new Machine(named === undefined ? release : pointRelease(named), env, clock, options),
    writeSysctl: (host: Host, name: string, value: number) => writeSysctl(host as Machine, name, value),
    call: (host: Host, what: SystemCall) => call(host as Machine, what),
    receive: (host: Host, segment: SkBuff) => tcp_v4_rcv(host as Machine, segment),
    listener: (host: Host) => listener(host as Machine),
    synQueue: (host: Host) => synQueue(host as Machine),
    sockets: (host: Host) => sockets(host as Machine),
  };
}

/** The kernel variant `4.15`. */
export const linux_4_15: KernelVariant = {
  ...variantOf('4.15', release),
  packetBacklog: (options: PacketBacklogOptions) => new NetDevices(options),
};
