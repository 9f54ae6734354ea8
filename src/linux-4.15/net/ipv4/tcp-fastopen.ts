/** The server side of Fast Open, for peers that send data in the SYN but no cookie (net/ipv4/tcp_fastopen.c). */

import type { SkBuff } from '../../../host/segment.js';
import { u32 } from '../../../host/sequence.js';
import { inet_csk_reset_xmit_timer } from '../../include/net/inet-connection-sock.js';
import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_TIMEOUT_INIT, TFO_SERVER_COOKIE_NOT_REQD, TFO_SERVER_ENABLE } from '../../include/net/tcp.js';
import { queuedSegment, queueTail, skb_set_owner_r } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { tcp_init_transfer } from './tcp-init-transfer.js';

/**
 * Puts a SYN's data into the child's receive queue.
 * @kernel 4.15.11 net/ipv4/tcp_fastopen.c tcp_fastopen_add_skb
 */
function tcp_fastopen_add_skb(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.end_seq === sk.rcv_nxt) return;
  const segment = queuedSegment(host, skb);
  host.release.sk_rmem_schedule(sk, segment.truesize);
  skb_set_owner_r(sk, segment.truesize);
  sk.rcv_nxt = skb.end_seq;
  queueTail(sk, { ...segment, seq: u32(skb.seq + 1) });
}

/**
 * Makes the child of a SYN with data, whose SYN-ACK is still to be acknowledged.
 * @kernel 4.15.11 net/ipv4/tcp_fastopen.c tcp_fastopen_create_child
 */
function tcp_fastopen_create_child(host: Machine, sk: sock, skb: SkBuff, req: request_sock): sock | undefined {
  req.num_retrans = 0;
  req.num_timeout = 0;
  req.sk = undefined;
  const child = host.release.tcp_v4_syn_recv_sock(host, sk, skb, req, false, undefined);
  if (child === undefined) return undefined;
  sk.icsk_accept_queue.fastopenq.qlen++;
  child.fastopen_rsk = req;
  req.tfo_listener = true;
  inet_csk_reset_xmit_timer(host, child, TCP_TIMEOUT_INIT, child.icsk_rto_max);
  tcp_init_transfer(host, child);
  child.rcv_nxt = u32(skb.seq + 1);
  tcp_fastopen_add_skb(host, child, skb);
  req.rcv_nxt = child.rcv_nxt;
  child.rcv_wup = child.rcv_nxt;
  return child;
}

/**
 * Whether another Fast Open child may be made. A request that was reset more than a minute ago makes room.
 * @kernel 4.15.11 net/ipv4/tcp_fastopen.c tcp_fastopen_queue_check
 */
function tcp_fastopen_queue_check(host: Machine, sk: sock): boolean {
  const { fastopenq } = sk.icsk_accept_queue;
  if (fastopenq.max_qlen === 0) {
    host.rule('tcp_fastopen_queue_check/off');
    return false;
  }
  if (fastopenq.qlen >= fastopenq.max_qlen) {
    const req1 = fastopenq.rskq_rst_head;
    if (req1 === undefined || host.time_after(req1.rst_expires, host.now)) {
      host.rule('tcp_fastopen_queue_check/full');
      host.count('TCPFastOpenListenOverflow');
      return false;
    }
    host.rule('tcp_fastopen_queue_check/reset-slot-free-again');
    fastopenq.rskq_rst_head = req1.dl_next;
    fastopenq.qlen--;
  }
  return true;
}

/**
 * Whether data is taken without a cookie.
 * @kernel 4.15.11 net/ipv4/tcp_fastopen.c tcp_fastopen_no_cookie
 */
function tcp_fastopen_no_cookie(host: Machine, flag: number): boolean {
  return (sysctl(host, 'net.ipv4.tcp_fastopen') & flag) !== 0;
}

/**
 * A SYN may become a Fast Open child at once; the child, or undefined when it is to be an ordinary request.
 * @kernel 4.15.11 net/ipv4/tcp_fastopen.c tcp_try_fastopen
 */
export function tcp_try_fastopen(host: Machine, sk: sock, skb: SkBuff, req: request_sock): sock | undefined {
  const syn_data = skb.end_seq !== u32(skb.seq + 1);
  const tcp_fastopen = sysctl(host, 'net.ipv4.tcp_fastopen');
  if ((tcp_fastopen & TFO_SERVER_ENABLE) === 0 || !syn_data || !tcp_fastopen_queue_check(host, sk)) return undefined;
  if (!tcp_fastopen_no_cookie(host, TFO_SERVER_COOKIE_NOT_REQD)) {
    host.rule('tcp_try_fastopen/cookie-required');
    return undefined;
  }
  const child = tcp_fastopen_create_child(host, sk, skb, req);
  if (child === undefined) {
    host.rule('tcp_try_fastopen/no-child');
    host.count('TCPFastOpenPassiveFail');
    return undefined;
  }
  host.count('TCPFastOpenPassive');
  return child;
}
