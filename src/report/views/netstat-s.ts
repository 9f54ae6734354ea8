/** What `netstat -s` makes of /proc/net/snmp and /proc/net/netstat: counters in words. */

import { type CounterRow, tcpExtRow, tcpRow } from './counters.js';
import type { Moment } from './moment.js';
import { NEVER_SHOWN, netstatWords } from './netstat-words.js';

/** The lines, with the words that net-tools of the kernel's time has; of the sections only `Tcp` and `TcpExt`. */
export function netstatS({ variant, host }: Moment): string[] {
  return [tcpRow(variant, host), tcpExtRow(variant, host)].flatMap((row) => section(variant.name, row));
}

function section(kernel: string, { prefix, columns }: CounterRow): string[] {
  const tool = netstatWords(kernel);
  const lines: string[] = [];
  for (const [name, value] of columns) {
    if (NEVER_SHOWN.has(name)) continue;
    const text = tool[prefix][name];
    const isShown = value !== 0 || (text !== undefined && (prefix === 'Tcp' || tool.always.has(name)));
    if (isShown) lines.push(`    ${text?.replace('#', String(value)) ?? `${name}: ${value}`}`);
  }
  return [`${prefix}:`, ...lines];
}
