/** The SYN-ACK, and the window that it offers (net/ipv4/tcp_output.c). */

import type { OutSegment } from '../../../host/segment.js';
import { u32 } from '../../../host/sequence.js';
import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_DEFAULT_INIT_RCVWND } from '../../include/net/tcp.js';
import { TCPOLEN_TSTAMP_ALIGNED, tcp_full_space } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';

/** The segment size that the machine's interface allows. */
export const ADVMSS = 1460;

const MAX_TCP_WINDOW = 32767;

/** Mainline offers fewer segments, by RFC 2414. */
const MAINLINE_INIT_RCVWND = 4;

/**
 * The window that a SYN-ACK offers: whole segments, but at most ten of them (mainline: four). Peers do not ask for window scaling here.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_output.c tcp_select_initial_window
 */
export function tcp_select_initial_window(host: Machine, __space: number, mss: number): number {
  let space = Math.max(__space, 0);
  if (space > mss) space = Math.floor(space / mss) * mss;
  let rcv_wnd = sysctl(host, 'net.ipv4.tcp_workaround_signed_windows') !== 0 ? Math.min(space, MAX_TCP_WINDOW) : space;
  if (mss > 1) rcv_wnd = Math.min(rcv_wnd, (host.mainline ? MAINLINE_INIT_RCVWND : TCP_DEFAULT_INIT_RCVWND) * mss);
  return rcv_wnd;
}

/**
 * Builds a SYN-ACK and counts it as sent. The first one fixes the window.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_output.c tcp_make_synack
 */
export function tcp_make_synack(host: Machine, sk: sock, req: request_sock, rule: string): OutSegment {
  if (req.rcv_wnd === 0) {
    const mss = ADVMSS - (req.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
    req.rcv_wnd = tcp_select_initial_window(host, tcp_full_space(sk), mss);
  }
  host.count('OutSegs');
  return {
    peer: req.peer,
    syn: true,
    ack: true,
    rst: false,
    fin: false,
    psh: false,
    seq: req.snt_isn,
    ack_seq: u32(req.rcv_isn + 1),
    len: 0,
    rule,
  };
}
