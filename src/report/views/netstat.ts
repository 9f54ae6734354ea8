/** /proc/net/netstat, of which only the `TcpExt` row is modelled: on a machine the `IpExt` row follows. */

import { rowLines, tcpExtRow } from './counters.js';
import type { Moment } from './moment.js';

/** The file's lines. */
export function netstat({ variant, host }: Moment): string[] {
  return rowLines(tcpExtRow(variant, host));
}
