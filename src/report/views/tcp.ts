/**
 * /proc/net/tcp: the listener, requests and connections, with the kernel's columns and widths (`tcp4_seq_show`). What the model does
 * not know is a placeholder: the user is root, the inode is made up, a socket is referred to once, and its address is hidden.
 */

import type { Endpoint } from './addresses.js';
import { clockT } from './clock-t.js';
import type { Moment } from './moment.js';
import { type TcpRow, tcpRows } from './tcp-rows.js';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
/** A line without its end: TMPSZ - 1. */
const WIDTH = 149;
const UID = 0;
const PROBES = 0;
const HIDDEN = '0'.repeat(16);

/** The file's lines, each filled with spaces to the same width. */
export function tcp(moment: Moment): string[] {
  return [HEADER, ...tcpRows(moment).map((row, number) => line(moment, row, number))].map((text) => text.padEnd(WIDTH));
}

function line({ variant, host }: Moment, row: TcpRow, number: number): string {
  const clock = (count: number): bigint => clockT(variant.name, host.clock, count);
  const { socket } = row;
  const columns = [
    `${String(number).padStart(4)}:`,
    ends(row.local),
    ends(row.remote),
    hex(row.state, 2),
    `${hex(row.txQueue, 8)}:${hex(row.rxQueue, 8)}`,
    `${hex(row.timer, 2)}:${hex(clock(row.expires), 8)}`,
    hex(row.retransmits, 8),
    String(UID).padStart(5),
    String(PROBES).padStart(8),
    row.inode,
    // From 4.15 on there is a 0 in place of a request's references.
    socket === undefined && variant.name !== '2.6.32' ? 0 : 1,
    HIDDEN,
  ];
  if (socket !== undefined) {
    columns.push(`${clock(socket.rto)}`, `${clock(socket.ato)}`, socket.quickAndPingpong, socket.cwnd, socket.ssthresh);
  }
  return columns.join(' ');
}

/** An address as the memory of a little-endian machine has it, and a port. */
function ends({ address, port }: Endpoint): string {
  const bytes = [0, 8, 16, 24].map((shift) => hex((address >>> shift) & 0xff, 2));
  return `${bytes.join('')}:${hex(port, 4)}`;
}

function hex(value: number | bigint, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}
