/** How an answer that no socket has to know of leaves (net/ipv4/ip_output.c). */

import type { OutSegment, SkBuff } from '../../../host/segment.js';
import type { Machine } from '../../machine.js';

/** The header of an answer. */
type Answer = Pick<OutSegment, 'rst' | 'ack' | 'seq' | 'ack_seq'>;

/**
 * Sends an answer from the address that `skb` was sent to. Where that is a broadcast address there is no route; the caller counts it all the same.
 * @kernel 4.15.11 net/ipv4/ip_output.c ip_send_unicast_reply
 */
export function ip_send_unicast_reply(host: Machine, skb: SkBuff, answer: Answer): void {
  const rule = host.fired[host.fired.length - 1] ?? 'ip_send_unicast_reply';
  if (skb.broadcast) {
    host.rule('ip_send_unicast_reply/not-from-broadcast');
    return;
  }
  host.transmit({ ...answer, peer: skb.peer, syn: false, fin: false, psh: false, len: 0, rule });
}
