/** Segments of established connections, and ACKs that ask whether a segment was meant (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import { before } from '../../../host/sequence.js';
import type { request_sock } from '../../../linux-4.15/include/net/request-sock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import { isPredicted } from '../../../linux-4.15/include/net/tcp-window.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { mayChallenge } from '../../../linux-4.15/net/ipv4/tcp-challenge-ack.js';
import { __tcp_oow_rate_limited } from '../../../linux-4.15/net/ipv4/tcp-input.js';
import { acknowledgeAndQueue, isValid, takePredicted } from '../../../linux-4.15/net/ipv4/tcp-input-child.js';
import { learnFromData } from '../../../linux-4.15/net/ipv4/tcp-input-data.js';
import { tcp_v4_reqsk_send_ack } from '../../../linux-4.15/net/ipv4/tcp-ipv4.js';
import { sysctl } from '../../../linux-4.15/sysctl.js';

/** The value of `tcp_challenge_ack_limit` that means no limit. */
const INT_MAX = 2 ** 31 - 1;

/**
 * Whether another challenge ACK may be sent in this second. As in 5.10, but there need be no limit, and each network namespace has its own.
 * @kernel 6.1.192 net/ipv4/tcp_input.c tcp_challenge_ack_allowed
 */
export function tcp_challenge_ack_allowed(host: Machine): boolean {
  return sysctl(host, 'net.ipv4.tcp_challenge_ack_limit') === INT_MAX || mayChallenge(host);
}

/**
 * Asks the peer of a request whether it meant its reset, within limits for the request and for the machine.
 * @kernel 6.1.192 net/ipv4/tcp_input.c tcp_reqsk_send_challenge_ack
 */
export function tcp_reqsk_send_challenge_ack(host: Machine, sk: sock, skb: SkBuff, req: request_sock): void {
  if (__tcp_oow_rate_limited(host, 'TCPACKSkippedChallenge', req)) {
    host.rule('tcp_reqsk_send_challenge_ack/request-limit');
    return;
  }
  if (!host.release.tcp_challenge_ack_allowed(host)) {
    host.rule('tcp_reqsk_send_challenge_ack/machine-limit');
    return;
  }
  host.rule('tcp_reqsk_send_challenge_ack/send');
  host.count('TCPChallengeACK');
  tcp_v4_reqsk_send_ack(host, sk, skb, req);
}

/**
 * Data came, which has to be acknowledged and may let the window grow. As in 4.15, but no reserved memory is given back.
 * @kernel 6.1.192 net/ipv4/tcp_input.c tcp_event_data_recv
 */
export function tcp_event_data_recv(host: Machine, sk: sock, skb: SkBuff): void {
  learnFromData(host, sk, skb);
}

/**
 * A segment for an established connection. As in 5.10, but what acknowledges an old number is not predicted, so that its data is not taken.
 * @kernel 6.1.192 net/ipv4/tcp_input.c tcp_rcv_established
 */
export function tcp_rcv_established(host: Machine, sk: sock, skb: SkBuff): void {
  sk.saw_tstamp = false;
  if (isPredicted(sk, skb) && !before(skb.ack_seq, sk.snd_una)) {
    if (takePredicted(host, sk, skb)) return;
  } else if (!isValid(host, sk, skb)) return;
  acknowledgeAndQueue(host, sk, skb);
}
