/** What a person sees of a machine: files of /proc, the output of tools, the kernel log. Each view is a function of a {@link Moment}. */

import { kernelLog } from './kernel-log.js';
import type { Moment } from './moment.js';
import { netstat } from './netstat.js';
import { netstatS } from './netstat-s.js';
import { nstat } from './nstat.js';
import { snmp } from './snmp.js';
import { ssListening, ssSynRecv } from './ss.js';
import { tcp } from './tcp.js';

/** A way to look at a machine. */
interface View {
  /** What one would type to see it. */
  readonly command: string;
  /** The lines that this prints. */
  readonly lines: (moment: Moment) => string[];
}

/** By the name that `--show` takes. */
export const VIEWS = {
  netstat: { command: 'cat /proc/net/netstat', lines: netstat },
  snmp: { command: 'cat /proc/net/snmp', lines: snmp },
  nstat: { command: 'nstat -as', lines: nstat },
  'netstat-s': { command: 'netstat -s', lines: netstatS },
  tcp: { command: 'cat /proc/net/tcp', lines: tcp },
  ss: { command: 'ss -lnt', lines: ssListening },
  'ss-syn-recv': { command: 'ss -nt state syn-recv', lines: ssSynRecv },
  log: { command: 'dmesg -r', lines: kernelLog },
} as const satisfies Readonly<Record<string, View>>;

/** A view's name. */
export type ViewName = keyof typeof VIEWS;

/** Whether there is a view of that name. */
export const isViewName = (name: string): name is ViewName => Object.hasOwn(VIEWS, name);

/** The views as a session on the machine would show them: each below the command that prints it. */
export function session(names: readonly ViewName[], moment: Moment): string[] {
  return names.flatMap((name) => [`$ ${VIEWS[name].command}`, ...VIEWS[name].lines(moment)]);
}
