/** What the kernel's text files in /proc/net say of its counters and sockets. Nothing is read here: texts go in. */

import type { TcpState } from '../generated/types.js';
import { STATE_NAMES } from '../linux-2.6.32/include/net/tcp-states.js';

/** A line of /proc/net/tcp. */
export interface TcpRow {
  readonly localPort: number;
  /** The other end's IPv4 address as a number; 0: it is a listener. */
  readonly remote: number;
  readonly state: TcpState;
  readonly retransmits: number;
  /** 0: no process has it. */
  readonly inode: number;
}

/** By their number in the kernel, which has none with the number 0; that of a request comes last. */
const STATES: readonly (TcpState | undefined)[] = [undefined, ...STATE_NAMES.slice(1), 'NEW_SYN_RECV'];

/** The name of the state with that number. @throws Error where there is none */
export function tcpState(number: number): TcpState {
  const state = STATES[number];
  if (state === undefined) throw new Error(`there is no TCP state ${number}`);
  return state;
}

/**
 * The values of one protocol's row in /proc/net/snmp or /proc/net/netstat, by their names.
 * @throws Error where there is no such row, or its names and values do not go together
 */
export function counterRow(text: string, protocol: string): Record<string, number> {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith(`${protocol}: `))
    .map((line) => line.trim().split(' ').slice(1));
  if (names === undefined || values === undefined) throw new Error(`there are no counters of ${protocol}`);
  if (names.length !== values.length) {
    throw new Error(`${protocol} has ${names.length} names of counters and ${values.length} values`);
  }
  return Object.fromEntries(
    names.map((name, i) => {
      const value = values[i] as string;
      if (!/^-?\d+$/.test(value)) throw new Error(`the counter ${name} of ${protocol} is no number: ${value}`);
      return [name, Number(value)];
    }),
  );
}

/** The lines of /proc/net/tcp but its heading. @throws Error where one does not look like one */
export function tcpRows(text: string): TcpRow[] {
  const lines = text.split('\n').slice(1);
  return lines.filter((line) => line.trim() !== '').map(tcpRow);
}

/** Its columns: slot, both ends, state, queues, timer, retransmits, user, timeouts of the probe, inode, and others. */
const ROW =
  /^\s*\d+: [0-9A-F]{8}:([0-9A-F]{4}) ([0-9A-F]{8}):[0-9A-F]{4} ([0-9A-F]{2}) \S+:\S+ \S+:\S+ ([0-9A-F]+)\s+\d+\s+\d+\s+(\d+)/;

function tcpRow(line: string): TcpRow {
  const found = ROW.exec(line);
  if (found === null) throw new Error(`no line of /proc/net/tcp: ${line.trim()}`);
  const [, port, address, state, retransmits, inode] = found as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    localPort: Number.parseInt(port, 16),
    // The address is printed as the machine reads its four bytes, and all machines that this runs on read the lowest first.
    remote: Buffer.from(address, 'hex').readUInt32LE(),
    state: tcpState(Number.parseInt(state, 16)),
    retransmits: Number.parseInt(retransmits, 16),
    inode: Number(inode),
  };
}
