/** The states of a TCP socket, with the numbers that include/net/tcp_states.h gives them. */

import type { TcpState as StateName } from '../../../generated/types.js';

export const TCP_ESTABLISHED = 1;
export const TCP_SYN_SENT = 2;
export const TCP_SYN_RECV = 3;
export const TCP_FIN_WAIT1 = 4;
export const TCP_FIN_WAIT2 = 5;
export const TCP_TIME_WAIT = 6;
export const TCP_CLOSE = 7;
export const TCP_CLOSE_WAIT = 8;
export const TCP_LAST_ACK = 9;
export const TCP_LISTEN = 10;
export const TCP_CLOSING = 11;

/** A state's number. */
export type TcpState = number;

/** A state's name, as a trace and `ss` give it. */
export function stateName(state: TcpState): StateName {
  return STATE_NAMES[state] ?? 'CLOSE';
}

/** The names by number. */
export const STATE_NAMES: readonly StateName[] = [
  'CLOSE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
];
