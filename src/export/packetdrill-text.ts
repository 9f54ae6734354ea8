/** How packetdrill writes things. */

import type { Flag, TcpState } from '../generated/types.js';
import { u32 } from '../host/sequence.js';

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  EINVAL: 'Invalid argument',
  ENOTCONN: 'Transport endpoint is not connected',
  EOPNOTSUPP: 'Operation not supported',
  EADDRINUSE: 'Address already in use',
};
/** `tcpi_state`. */
export const TCPI_STATE: Readonly<Record<TcpState, number>> = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
  NEW_SYN_RECV: 12,
};
const LETTERS: Readonly<Record<Flag, string>> = { FIN: 'F', SYN: 'S', RST: 'R', PSH: 'P', ACK: '.' };
/** A shell command of a script. */
export const command = (text: string): string => `\`${text}\``;
/** A setting, as sysctl(8) takes it. */
export const assignment = ([name, value]: readonly [string, number]): string => `${name}=${value}`;
/** Flags as tcpdump shows them. */
export const letters = (flags: readonly Flag[]): string =>
  (['SYN', 'FIN', 'RST', 'PSH', 'ACK'] as const).map((flag) => (flags.includes(flag) ? LETTERS[flag] : '')).join('');
/** The numbers of a segment. */
export const range = (seq: number, len: number): string => `${seq}:${u32(seq + len)}(${len})`;
/** µs as seconds. */
export const decimal = (us: number): string => (us / 1e6).toFixed(6).replace(/\.?0+$/, '');
/** What a system call returns. */
export const answer = (result: 0 | string): string =>
  result === 0 ? '0' : `-1 ${result} (${ERRNO_WORDS[result] ?? 'an error'})`;

/** The TCP options of a client's segment, if it has any. */
export function optionsOf(isSyn: boolean, hasTimestamp: boolean, at: number): string {
  const options = [
    ...(isSyn ? ['mss 1460'] : []),
    ...(hasTimestamp ? [`nop,nop,TS val ${Math.floor(at / 1000)} ecr 0`] : []),
  ];
  return options.length === 0 ? '' : ` <${options.join(',')}>`;
}
