/** How late this machine runs the kernel's timers: measured, for the tolerance that traces state. */

import type { Tolerance } from '../generated/types.js';
import { encodePacket } from '../trace/packet.js';
import { Clock } from './clock.js';
import type { Libc } from './libc.js';
import { enterNamespace } from './namespace.js';
import { Peers } from './peers.js';
import { Sockets } from './sockets.js';
import { writeSysctl } from './sysctl.js';
import { Wire } from './wire.js';

/** One SYN each this many µs, so that every tick in which SYN-ACKs are sent again has several. */
const APART = 2500;
const SYNS = 200;
/** µs after the first SYN by which the last SYN-ACK was sent again, for the first time, at any HZ. */
const END = 1_700_000;

/**
 * When the SYN-ACKs of a listener, sent again by their timers, left: µs, in order. Takes 1.7 s, in a network namespace of its own that the main thread is in from
 * then on.
 */
export function timedSegments(libc: Libc): number[] {
  enterNamespace(libc);
  writeSysctl('net.ipv4.tcp_syncookies', 0);
  writeSysctl('net.ipv4.tcp_max_syn_backlog', 4 * SYNS);
  const clock = new Clock(libc);
  const peers = new Peers();
  const wire = new Wire(libc, clock, peers);
  const sockets = new Sockets(libc, {}, -1);
  try {
    sockets.call({ syscall: 'listen', backlog: 4 * SYNS }, (address) => peers.at(address));
    for (let peer = 0; peer < SYNS; peer++) {
      wire.wait(peer * APART);
      wire.arrive([encodePacket(peers.arriving({ peer, flags: ['SYN'], seq: 0 }, 0))]);
    }
    wire.wait(END);
    const answered = new Set<number>();
    const again: number[] = [];
    for (const { peer, at } of wire.take(0, Number.POSITIVE_INFINITY)) {
      if (answered.has(peer)) again.push(at);
      answered.add(peer);
    }
    return again;
  } finally {
    sockets.close();
    wire.close();
  }
}

/** What the times of timers' segments show: by how much they are late, µs. */
export interface Lateness {
  /** The first segment of a tick, after the tick began. */
  readonly first: number;
  /** Any other, after the one before it. */
  readonly next: number;
}

/**
 * When ticks begin is not told: it is taken to be where the segments are least late.
 * @param times µs, in order
 */
export function lateness(times: readonly number[], hz: number): Lateness {
  const tick = 1_000_000 / hz;
  const phases = times.map((at) => at % tick).sort((a, b) => a - b);
  // The begin of ticks comes after the longest part of a tick in which nothing was seen.
  let begin = 0;
  let longest = -1;
  phases.forEach((phase, i) => {
    const gap = phase - (phases[i - 1] ?? (phases.at(-1) as number) - tick);
    if (gap > longest) [longest, begin] = [gap, phase];
  });
  let first = 0;
  let next = 0;
  let last: { readonly tick: number; readonly at: number } | undefined;
  for (const at of times) {
    const number = Math.floor((at - begin) / tick);
    if (last?.tick === number) next = Math.max(next, at - last.at);
    else first = Math.max(first, at - begin - number * tick);
    last = { tick: number, at };
  }
  return { first, next };
}

/**
 * With several processors one of them counts the jiffies for all. Where that one is stopped for a moment, in a virtual machine by the host, the others' timers wait
 * for it, but for no more jiffies than this: MAX_STALLED_JIFFIES of kernel/time/tick-sched.c, since Linux 5.17.
 */
const STALLED_JIFFIES = 5;

/**
 * What is promised of a machine that was this late while it was looked at for a moment: a tick may come late by a jiffy, and by more with several processors.
 * @param processors of the machine
 */
export function toleranceOf({ first, next }: Lateness, hz: number, processors: number): Tolerance {
  const jiffy = 1_000_000 / hz;
  return {
    timer: Math.ceil(first + jiffy * (processors > 1 ? STALLED_JIFFIES : 1)),
    next: Math.ceil(next + jiffy),
  };
}
