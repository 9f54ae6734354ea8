/** Where a segment lies, and what a connection does with it (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import { after, before, u32 } from '../../../host/sequence.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import { isPredicted, tcp_receive_window } from '../../../linux-4.15/include/net/tcp-window.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import {
  acknowledgeAndQueue,
  goesOn,
  isValid,
  outsideWindow,
  resetOutside,
  takePredicted,
} from '../../../linux-4.15/net/ipv4/tcp-input-child.js';
import { acknowledgeAtOnce } from '../../../linux-4.15/net/ipv4/tcp-quickack.js';
import { tcp_space_from_win } from '../../../linux-6.12/include/net/tcp.js';
import * as earlier from '../../../linux-6.12/net/ipv4/tcp-input.js';

/**
 * Where a segment lies: before the window, inside, or beyond it. Unlike in 6.12 its end counts, too, but for a FIN's: it may go beyond only where
 * no data waits for the reader. The right edge is the furthest that was ever offered; here that is the one in force, as no window shrinks.
 * @kernel 7.2.13 net/ipv4/tcp_input.c tcp_sequence
 */
function tcp_sequence(host: Machine, sk: sock, skb: SkBuff): 'before' | 'inside' | 'beyond' {
  const { seq, end_seq } = skb;
  if (before(end_seq, sk.rcv_wup)) return 'before';
  const limit = u32(sk.rcv_nxt + tcp_receive_window(sk));
  if (!after(u32(end_seq - (skb.fin ? 1 : 0)), limit)) return 'inside';
  if (after(seq, limit)) return 'beyond';
  if (sk.sk_receive_queue !== null) {
    host.rule('tcp_sequence/end-beyond-window');
    return 'beyond';
  }
  host.rule('tcp_sequence/end-beyond-window-nothing-queued');
  return 'inside';
}

/**
 * Looks at an acknowledgement number. As in 5.10, but one that is yet to come is challenged, too.
 * @kernel 7.2.13 net/ipv4/tcp_input.c tcp_ack
 */
export function tcp_ack(host: Machine, sk: sock, skb: SkBuff, challenge: boolean): number {
  const old = before(skb.ack_seq, sk.snd_una);
  if (old || after(skb.ack_seq, sk.snd_nxt)) {
    host.rule(old ? 'tcp_ack/too-old' : 'tcp_ack/not-yet-sent-challenged');
    if (challenge) host.release.tcp_send_challenge_ack(host, sk);
    return -1;
  }
  if (skb.seq === skb.end_seq) {
    host.rule('tcp_ack/pure');
    host.count('TCPPureAcks');
  }
  return 1;
}

/**
 * Sequence number, RST and SYN (RFC 5961): true to go on, false when the segment is done with. Timestamps are taken to be in order. As in 4.15,
 * but what goes beyond the window is counted.
 * @kernel 7.2.13 net/ipv4/tcp_input.c tcp_validate_incoming
 */
export function tcp_validate_incoming(host: Machine, sk: sock, skb: SkBuff, syn_inerr: boolean): boolean {
  sk.saw_tstamp = skb.saw_tstamp;
  const place = tcp_sequence(host, sk, skb);
  if (place !== 'inside' && !(skb.syn && !skb.rst)) {
    if (!skb.rst) {
      if (place === 'beyond') {
        host.rule('tcp_validate_incoming/beyond-window');
        host.count('BeyondWindow');
      }
      outsideWindow(host, sk, skb);
    } else resetOutside(host, sk, skb);
    return false;
  }
  return goesOn(host, sk, skb, syn_inerr);
}

/**
 * A segment for an established connection. As in 6.1, but data that is expected next is held against the window, too, when it does not fit.
 * @kernel 7.2.13 net/ipv4/tcp_input.c tcp_rcv_established
 */
export function tcp_rcv_established(host: Machine, sk: sock, skb: SkBuff): void {
  sk.saw_tstamp = false;
  if (isPredicted(sk, skb) && !before(skb.ack_seq, sk.snd_una)) {
    if (after(skb.end_seq, u32(sk.rcv_nxt + tcp_receive_window(sk)))) {
      if (!host.release.tcp_validate_incoming(host, sk, skb, true)) return;
    } else if (takePredicted(host, sk, skb)) return;
  } else if (!isValid(host, sk, skb)) return;
  acknowledgeAndQueue(host, sk, skb);
}

/**
 * Queues data and FIN. As in 6.12, but what begins right behind the window is counted, too.
 * @kernel 7.2.13 net/ipv4/tcp_input.c tcp_data_queue
 */
export function tcp_data_queue(host: Machine, sk: sock, skb: SkBuff): void {
  const edge = u32(sk.rcv_nxt + tcp_receive_window(sk));
  if (skb.seq !== sk.rcv_nxt && after(skb.end_seq, sk.rcv_nxt) && !before(skb.seq, edge)) {
    host.rule('tcp_data_queue/beyond-window');
    host.count('BeyondWindow');
    acknowledgeAtOnce(host, sk);
    return;
  }
  earlier.tcp_data_queue(host, sk, skb);
}

/**
 * Enlarges the receive buffer for what the reader is taken to want, and for what lies behind a gap. The measured round trip, which may ask for
 * more where it is very short, is not modelled; `net.ipv4.tcp_rmem` is never the limit.
 * @kernel 7.2.13 net/ipv4/tcp_input.c tcp_rcvbuf_grow
 */
function tcp_rcvbuf_grow(host: Machine, sk: sock, newval: number): void {
  sk.rcvq_space = newval;
  const last = sk.out_of_order_queue?.at(-1);
  const rcvwin = 2 * newval + (last === undefined ? 0 : u32(last.end_seq - sk.rcv_nxt));
  const rcvbuf = tcp_space_from_win(sk, rcvwin);
  if (rcvbuf <= sk.sk_rcvbuf) return;
  sk.sk_rcvbuf = rcvbuf;
  sk.window_clamp = host.release.tcp_win_from_space(host, sk, rcvbuf);
}

/**
 * Keeps a segment that came too early. As in 6.12, but it makes the receive buffer of an accepted connection grow.
 * @kernel 7.2.13 net/ipv4/tcp_input.c tcp_data_queue_ofo
 */
export function tcp_data_queue_ofo(host: Machine, sk: sock, skb: SkBuff): void {
  earlier.tcp_data_queue_ofo(host, sk, skb);
  if (sk.sk_socket !== undefined) tcp_rcvbuf_grow(host, sk, sk.rcvq_space);
}
