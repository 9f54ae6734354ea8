/** When SYN-ACKs are sent again. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { LongestTimeout, retriesAllowed, Settings } from './support/settings.js';
import { inexactness, lateness, REGULAR_TIMEOUTS, timeout } from './support/timeouts.js';
import { anyFaults, arrivals, arrivalsFrom, isSynAck, walk } from './support/walk.js';

/** The SYN-ACKs to a peer that has been silent since its SYN. */
interface Schedule {
  /** When the last one was sent. */
  last: number;
  /** How many were sent again. */
  again: number;
  /** The most that were allowed at any time. */
  allowed: number;
}

/** Only the first segment of a peer is looked at, so no other timer and no earlier request of it is in play. */
export const synAckSchedule: Invariant = {
  id: 'synack-schedule',
  sentence:
    'To a silent peer the SYN-ACK is sent again after 3 s (2.6.32) or 1 s (from 4.15 on), then after twice as long each time, at most 120 s or what tcp_rto_max_ms was for its listener (7.2), as late as the timers of the kernel allow, and not more often than TCP_SYNCNT or tcp_synack_retries say (Fast Open: once more).',
  kernels: EVERY_KERNEL,
  rules: ['syn_ack_recalc/resend', 'syn_ack_recalc/expire'],
  needs: 'segments',
  broken: walk((trace, kernel) => {
    if (anyFaults(trace)) return () => undefined;
    const { header } = trace;
    const settings = new Settings(header, kernel);
    const longest = new LongestTimeout(settings);
    const slack = inexactness(header);
    const schedules = new Map<number, Schedule>();
    return ({ step }) => {
      settings.note(step);
      longest.note(step);
      const allowed = retriesAllowed(header, settings) ?? Number.POSITIVE_INFINITY;
      for (const schedule of schedules.values()) schedule.allowed = Math.max(schedule.allowed, allowed);
      for (const { peer } of arrivals(step)) schedules.delete(peer);
      for (const { at, peer, newIsn } of step.out.filter(isSynAck)) {
        const schedule = schedules.get(peer);
        if (schedule === undefined) {
          const came = arrivalsFrom(step, peer);
          if (newIsn === true && came.length === 1) schedules.set(peer, { last: at, again: 0, allowed });
          continue;
        }
        const { last, again } = schedule;
        if (again > REGULAR_TIMEOUTS) continue;
        const delay = timeout(kernel, again, longest.value);
        const latest = delay + lateness(kernel, delay, header.kernel.hz);
        if (at - last < delay - slack || at - last > latest + slack) {
          return `SYN-ACK ${again + 1} after the first to peer ${peer} comes after ${at - last} µs, and not ${delay} to ${latest}`;
        }
        schedule.last = at;
        schedule.again++;
        const most =
          Math.max(0, schedule.allowed) +
          (kernel === '2.6.32' || schedule.allowed === header.sockopt.TCP_SYNCNT ? 0 : 1);
        if (schedule.again > most)
          return `SYN-ACK to peer ${peer} is sent ${schedule.again} times again, of at most ${most}`;
      }
      return undefined;
    };
  }),
};
