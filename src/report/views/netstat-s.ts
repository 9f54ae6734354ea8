/** What `netstat -s` makes of /proc/net/snmp and /proc/net/netstat: counters in words. */

import { type CounterRow, tcpExtRow, tcpRow } from './counters.js';
import type { Moment } from './moment.js';
import { ALWAYS_SHOWN, NETSTAT_WORDS, NEVER_SHOWN } from './netstat-words.js';

/** The lines, with the words that net-tools of the kernel's time has; of the sections only `Tcp` and `TcpExt`. */
export function netstatS({ variant, host }: Moment): string[] {
  return [tcpRow(variant, host), tcpExtRow(variant, host)].flatMap((row) => section(variant.name, row));
}

function section(kernel: string, { prefix, columns }: CounterRow): string[] {
  const words = NETSTAT_WORDS[kernel]?.[prefix] ?? {};
  const lines: string[] = [];
  for (const [name, value] of columns) {
    if (NEVER_SHOWN.has(name)) continue;
    const text = words[name];
    const isShown = value !== 0 || (text !== undefined && (prefix === 'Tcp' || name === ALWAYS_SHOWN));
    if (isShown) lines.push(`    ${text?.replace('#', String(value)) ?? `${name}: ${value}`}`);
  }
  return [`${prefix}:`, ...lines];
}
