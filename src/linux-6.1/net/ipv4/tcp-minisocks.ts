/** Segments for requests (net/ipv4/tcp_minisocks.c). */

import type { SkBuff } from '../../../host/segment.js';
import { u32 } from '../../../host/sequence.js';
import type { request_sock } from '../../../linux-4.15/include/net/request-sock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { inOrder, isOldTimestamp, outOfPlace, retransmittedSyn } from '../../../linux-4.15/net/ipv4/tcp-minisocks.js';
import { tcp_reqsk_send_challenge_ack } from './tcp-input.js';

/**
 * A segment for a request. As in 5.10, but a reset ends a request only with the number that is expected next, and whatever it acknowledges; one
 * elsewhere in the window is challenged.
 * @kernel 6.1.192 net/ipv4/tcp_minisocks.c tcp_check_req
 */
export function tcp_check_req(
  host: Machine,
  sk: sock,
  skb: SkBuff,
  req: request_sock,
  fastopen: boolean,
): sock | undefined {
  const paws_reject = isOldTimestamp(host, req, skb);

  if (skb.seq === req.rcv_isn && skb.syn && !skb.rst && !skb.ack && !paws_reject) {
    retransmittedSyn(host, sk, skb, req, fastopen);
    return undefined;
  }

  if (skb.ack && !skb.rst && !fastopen && skb.ack_seq !== u32(req.snt_isn + 1)) {
    host.rule('tcp_check_req/bad-ack');
    return sk;
  }

  if (outOfPlace(host, sk, skb, req, paws_reject)) return undefined;

  if (skb.rst && skb.seq !== req.rcv_nxt) {
    tcp_reqsk_send_challenge_ack(host, sk, skb, req);
    return undefined;
  }

  return inOrder(host, sk, skb, req, fastopen);
}
