/**
 * What `ss` prints of the sockets: `ss -lnt`, and `ss -nt state syn-recv`. The queues are those that the kernel's inet_diag reports,
 * which in every kernel gives a listener's accept queue as Recv-Q and its limit as Send-Q. The layout is that of iproute2 6.1 where the
 * output is no terminal: columns as wide as their content.
 */

import { TCP_LISTEN, TCP_SYN_RECV } from '../../linux-2.6.32/include/net/tcp-states.js';
import { dotted, type Endpoint } from './addresses.js';
import type { Moment } from './moment.js';
import { type TcpRow, tcpRows } from './tcp-rows.js';

interface Column {
  readonly title: string;
  /** What stands before it, unless it is the first. */
  readonly before: string;
  readonly right?: true;
  cell(row: TcpRow): string;
}

const STATE: Column = { title: 'State', before: ' ', cell: () => 'LISTEN' };

const COLUMNS: readonly Column[] = [
  { title: 'Recv-Q', before: ' ', cell: ({ rxQueue }) => String(rxQueue) },
  { title: 'Send-Q', before: ' ', cell: ({ diagQueue }) => String(diagQueue) },
  { title: 'Local Address:', before: ' ', right: true, cell: ({ local }) => `${dotted(local.address)}:` },
  { title: 'Port', before: '', cell: ({ local }) => port(local) },
  { title: 'Peer Address:', before: ' ', right: true, cell: ({ remote }) => `${dotted(remote.address)}:` },
  { title: 'Port', before: '', cell: ({ remote }) => port(remote) },
  { title: 'Process', before: '', cell: () => '' },
];

/** `ss -lnt`: the listener, if it listens. */
export function ssListening(moment: Moment): string[] {
  const rows = tcpRows(moment).filter(({ state }) => state === TCP_LISTEN);
  return table([STATE, ...COLUMNS], rows);
}

/** `ss -nt state syn-recv`: requests, and connections of Fast Open whose handshake is not complete. */
export function ssSynRecv(moment: Moment): string[] {
  const rows = tcpRows(moment).filter(({ state }) => state === TCP_SYN_RECV);
  return table(COLUMNS, rows);
}

const port = ({ port }: Endpoint): string => (port === 0 ? '*' : String(port));

function table(columns: readonly Column[], rows: readonly TcpRow[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map((column) => column.cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  return cells.map((line) =>
    columns
      .map(({ before, right }, i) => {
        const [text, width] = [line[i] ?? '', widths[i] ?? 0];
        return (i === 0 ? '' : before) + (right === true ? text.padStart(width) : text.padEnd(width));
      })
      .join(''),
  );
}
