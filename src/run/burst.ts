/** A burst of packets over the loopback device, and the softirqs that carry it: what the recordings of the packet backlog measure. */

import type { Packet, PacketBacklog, PacketHandler } from '../host/packet-backlog.js';
import { type KernelVariant, packetBacklogOf } from '../host/variant.js';

/** A packet of a burst. */
export interface BurstPacket extends Packet {
  /** Its place in the burst, from 0. */
  readonly number: number;
}

/** Keeps the numbers of the packets that come through. */
class Received implements PacketHandler {
  order: number[] = [];

  receive(packet: Packet): void {
    this.order.push((packet as BurstPacket).number);
  }
}

/** A machine with one CPU on which bursts are sent one after the other. */
export class LoopbackBench {
  readonly backlog: PacketBacklog;
  private readonly received = new Received();

  constructor(variant: KernelVariant, hz = 1000) {
    this.backlog = packetBacklogOf(variant, { hz, handler: this.received });
  }

  /**
   * Lets a queueing discipline send a burst of packets that are all due, and runs softirqs until none is pending; the packets that
   * came through, in order. A pass runs the softirqs that were pending when it began, that of transmission before that of reception; what is raised
   * during a pass waits for the next one.
   */
  send(burst: number): readonly number[] {
    const { backlog, received } = this;
    received.order = [];
    let next = 0;
    let transmitPending = true;
    while (transmitPending || backlog.softirqPending[0] === true) {
      const receivePending = backlog.softirqPending[0] === true;
      if (transmitPending) {
        const most = Math.max(1, backlog.transmitQuota ?? burst);
        for (const end = Math.min(burst, next + most); next < end; next++)
          backlog.netifRx({ number: next } as BurstPacket);
        transmitPending = next < burst;
      }
      if (receivePending) backlog.runSoftirq();
    }
    return received.order;
  }
}
