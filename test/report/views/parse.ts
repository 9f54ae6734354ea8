/** Small parsers of the files that views print: back from text to what a trace records. */

import type { SocketRow } from '../../../src/generated/types.js';
import { stateName } from '../../../src/linux-2.6.32/include/net/tcp-states.js';
import { peerAt } from '../../../src/report/views/addresses.js';

/** The counters that are not 0, by name, of a row's two lines. */
export function parseCounters([names = '', values = '']: readonly string[]): Record<string, number> {
  const [prefix, ...keys] = names.split(' ');
  const [again, ...numbers] = values.split(' ');
  if (prefix !== again || keys.length !== numbers.length) throw new Error(`no rows of counters: ${names}`);
  return Object.fromEntries(
    keys.map((key, i) => [key, Number(numbers[i])] as const).filter(([, value]) => value !== 0),
  );
}

/** A line of /proc/net/tcp as far as traces tell of it. */
export interface ParsedRow extends Pick<SocketRow, 'state' | 'retransmits' | 'accepted'> {
  /** Undefined: the listener. */
  readonly peer: number | undefined;
  readonly rxQueue: number;
}

/** The lines below the header of /proc/net/tcp. */
export function parseTcp([, ...lines]: readonly string[]): ParsedRow[] {
  return lines.map((line) => {
    const [, , remote = '', state = '', queues = '', , retransmits = '', , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = remote.split(':');
    const bytes = (address.match(/../g) ?? []).reverse().join('');
    return {
      peer: peerAt({ address: Number.parseInt(bytes, 16), port: Number.parseInt(port, 16) }),
      state: stateName(Number.parseInt(state, 16)),
      retransmits: Number.parseInt(retransmits, 16),
      accepted: inode !== '0',
      rxQueue: Number.parseInt(queues.split(':')[1] ?? '', 16),
    };
  });
}

/** The queues of the one line of `ss -lnt`; undefined: nothing listens. */
export function parseSsListening([, line]: readonly string[]): { recvQ: number; sendQ: number } | undefined {
  if (line === undefined) return undefined;
  const [state, recvQ, sendQ] = line.split(/\s+/);
  if (state !== 'LISTEN') throw new Error(`no listener: ${line}`);
  return { recvQ: Number(recvQ), sendQ: Number(sendQ) };
}
