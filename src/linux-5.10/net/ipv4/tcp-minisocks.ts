/** Segments for requests (net/ipv4/tcp_minisocks.c). */

import type { SkBuff } from '../../../host/segment.js';
import { u32 } from '../../../host/sequence.js';
import type { request_sock } from '../../../linux-4.15/include/net/request-sock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { inOrder, isOldTimestamp, outOfPlace, retransmittedSyn } from '../../../linux-4.15/net/ipv4/tcp-minisocks.js';

/**
 * A segment for a request. As in 4.15, but the timestamp that timestamps are compared with stays that of the SYN.
 * @kernel 5.10.262 net/ipv4/tcp_minisocks.c tcp_check_req
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

  if (skb.ack && !fastopen && skb.ack_seq !== u32(req.snt_isn + 1)) {
    host.rule('tcp_check_req/bad-ack');
    return sk;
  }

  if (outOfPlace(host, sk, skb, req, paws_reject)) return undefined;

  return inOrder(host, sk, skb, req, fastopen);
}
