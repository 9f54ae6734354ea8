/** The SYN-ACK and the window it offers (the listener's part of net/ipv4/tcp_output.c). */

import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_INIT_CWND } from '../../include/net/tcp.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { tcp_v4_send_synack } from './tcp-ipv4.js';

/** The segment size that the machine's interface allows. */
export const ADVMSS = 1460;

/**
 * How many segments the first window offers.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_default_init_rwnd
 */
function tcp_default_init_rwnd(mss: number): number {
  const init_rwnd = TCP_INIT_CWND * 2;
  return mss > 1460 ? Math.max(Math.floor((1460 * init_rwnd) / mss), 2) : init_rwnd;
}

/**
 * The first window, bytes. No SYN of a trace asks for window scaling.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_select_initial_window
 */
export function tcp_select_initial_window(host: Machine, full_space: number, mss: number): number {
  let space = Math.max(full_space, 0);
  if (space > mss) space -= space % mss;
  const rcv_wnd =
    sysctl(host, 'net.ipv4.tcp_workaround_signed_windows') !== 0 ? Math.min(space, MAX_TCP_WINDOW) : space;
  return mss > 1 ? Math.min(rcv_wnd, tcp_default_init_rwnd(mss) * mss) : rcv_wnd;
}

export const MAX_TCP_WINDOW = 32767;

/**
 * Builds and sends a SYN-ACK; false where memory is short.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_make_synack
 */
export function tcp_make_synack(host: Machine, req: request_sock): boolean {
  if (host.faults.has('send_synack')) return false;
  host.count('OutSegs');
  host.transmit({
    peer: req.peer,
    syn: true,
    ack: true,
    rst: false,
    fin: false,
    psh: false,
    seq: req.snt_isn,
    ack_seq: req.rcv_nxt,
    len: 0,
    rule: host.fired[host.fired.length - 1] ?? 'tcp_make_synack',
  });
  return true;
}

/**
 * Sends a SYN-ACK again.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_rtx_synack
 */
export function tcp_rtx_synack(host: Machine, sk: sock, req: request_sock): boolean {
  if (!tcp_v4_send_synack(host, sk, false, req)) return false;
  host.count('RetransSegs');
  host.count('TCPSynRetrans');
  return true;
}
