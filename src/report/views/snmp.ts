/** /proc/net/snmp, of which only the `Tcp` row is modelled: a machine has rows of other protocols before and after it. */

import { rowLines, tcpRow } from './counters.js';
import type { Moment } from './moment.js';

/** The file's lines. */
export function snmp({ variant, host }: Moment): string[] {
  return rowLines(tcpRow(variant, host));
}
