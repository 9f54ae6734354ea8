/** What a kernel variant offers to those who drive it: the runner, the judge, and library users. */

import type {
  AcceptCall,
  CloseConnectionCall,
  CloseListenerCall,
  Errno,
  ListenCall,
  ListenerInfo,
  ShutdownCall,
  SocketOptions,
  SocketRow,
} from '../generated/types.js';
import type { Clock } from './clock.js';
import type { Environment } from './environment.js';
import type { Host } from './host.js';
import type { PacketBacklog, PacketBacklogOptions } from './packet-backlog.js';
import type { SkBuff } from './segment.js';
import type { SynTable, TableEntry } from './syn-table.js';

export type { Errno, ListenerInfo, SocketOptions, SocketRow } from '../generated/types.js';

/** A system call of the process that owns the listener, as in a trace. */
export type SystemCall = ListenCall | AcceptCall | CloseListenerCall | CloseConnectionCall | ShutdownCall;

/** What a system call gave. */
export interface CallResult {
  /** 0, or the errno's name. */
  readonly result: 0 | Errno;
  /** The peer of the connection that `accept` returned. */
  readonly accepted?: number;
  /** Options or `bind` that failed before a first `listen`, with the errno. */
  readonly setupErrors?: Readonly<Record<string, Errno>>;
}

/** A listener's SYN queue. */
export interface SynQueue {
  /** How many requests it has. */
  readonly length: number;
  /** How many of them have not timed out yet. */
  readonly young: number;
  /** With how many it counts as full. */
  readonly limit: number;
}

/** A kernel, ready to be booted. */
export interface KernelVariant {
  /** As in a trace header's `kernel.variant`. */
  readonly name: string;
  /**
   * A fresh machine with the kernel's default sysctls, one process and no socket. `options` are set on the listener's socket before
   * its first `listen`. `release`: `uname -r` of the kernel, where releases that share a variant differ.
   */
  boot(env: Environment, clock: Clock, options: SocketOptions, release?: string): Host;
  /** Writes a sysctl: 0, or why the kernel refuses (`EINVAL`, or `ENOENT` where it has no such file). */
  writeSysctl(host: Host, name: string, value: number): 0 | Errno;
  /** A system call at `host.now`. */
  call(host: Host, call: SystemCall): CallResult;
  /** A segment arrives at `host.now`. */
  receive(host: Host, segment: SkBuff): void;
  /** The listener's `TCP_INFO`; undefined once it is closed or while there is none. */
  listener(host: Host): ListenerInfo | undefined;
  /** The table in which the current listener keeps its requests; only where the kernel has one (2.6.32). */
  synTable?(host: Host): SynTable<TableEntry> | undefined;
  /** The requests that wait for their handshake; undefined while there is no listener. */
  synQueue(host: Host): SynQueue | undefined;
  /** The rows of /proc/net/tcp on the listener's port, without the listener; requests first. */
  sockets(host: Host): SocketRow[];
  /** The queues of packets in front of TCP of a fresh machine with the kernel's default sysctls; only where they are modelled (2.6.32, 4.15). */
  packetBacklog?(options: PacketBacklogOptions): PacketBacklog;
}

/**
 * The queues of packets in front of TCP of a fresh machine.
 * @throws RangeError where the kernel's are not modelled
 */
export function packetBacklogOf(kernel: KernelVariant, options: PacketBacklogOptions): PacketBacklog {
  const backlog = kernel.packetBacklog?.(options);
  if (backlog === undefined) throw new RangeError(`the packet backlog of ${kernel.name} is not modelled`);
  return backlog;
}
