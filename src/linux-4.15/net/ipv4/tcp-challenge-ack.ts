/** ACKs for segments that are out of place, and how often they are sent (net/ipv4/tcp_input.c). */

import { HZ, type Instant } from '../../../host/clock.js';
import type { SkBuff } from '../../../host/segment.js';
import { before } from '../../../host/sequence.js';
import type { sock } from '../../include/net/sock.js';
import type { Machine } from '../../machine.js';
import { __tcp_oow_rate_limited } from './tcp-input.js';
import { tcp_send_ack } from './tcp-output.js';
import { tcp_enter_quickack_mode } from './tcp-quickack.js';

/**
 * How many challenge ACKs the machine has sent. The kernel allows a random number of them, at least half of a limit, in each second of
 * jiffies / HZ. Where a second begins is unknown, so two stretches of a second or more are kept.
 */
export interface challenge_acks {
  since: Instant;
  count: number;
  /** How many in the second before `since`, or more. */
  earlier: number;
}

/** A machine that has sent none. */
export function noChallengeAcks(): challenge_acks {
  return { since: 0, count: 0, earlier: 0 };
}

/** Whether the machine may send another challenge ACK in this second. */
export function mayChallenge(host: Machine): boolean {
  const limit = host.sysctl['net.ipv4.tcp_challenge_ack_limit'] ?? 1000;
  if (limit === 0) return false;
  const sent = host.challenge;
  const age = host.now - sent.since;
  if (age >= HZ) {
    sent.earlier = age < 2 * HZ ? sent.count : 0;
    sent.since = host.now;
    sent.count = 0;
  }
  if (sent.earlier + sent.count >= (limit + 1) >>> 1 && host.env.choose(2, 'challenge ACK budget') !== 0) return false;
  sent.count++;
  return true;
}

/**
 * Asks the peer by an ACK whether it means what it sent (RFC 5961), within limits for the socket and for the machine.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_send_challenge_ack
 */
export function tcp_send_challenge_ack(host: Machine, sk: sock): void {
  if (__tcp_oow_rate_limited(host, 'TCPACKSkippedChallenge', sk)) {
    host.rule('tcp_send_challenge_ack/socket-limit');
    return;
  }
  if (!host.release.tcp_challenge_ack_allowed(host)) {
    host.rule('tcp_send_challenge_ack/machine-limit');
    return;
  }
  host.rule('tcp_send_challenge_ack/send');
  host.count('TCPChallengeACK');
  tcp_send_ack(host, sk);
}

/**
 * Tells a peer that sends what is out of place where things stand. As in 2.6.32, with this kernel's window.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_send_dupack
 */
export function tcp_send_dupack(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.end_seq !== skb.seq && before(skb.seq, sk.rcv_nxt)) {
    host.rule('tcp_send_dupack/old-data');
    host.count('DelayedACKLost');
    tcp_enter_quickack_mode(host, sk);
  }
  tcp_send_ack(host, sk);
}
