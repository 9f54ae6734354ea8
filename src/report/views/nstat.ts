/** What `nstat -as` prints of the counters: one a line, those that are zero left out. */

import { tcpExtRow, tcpRow } from './counters.js';
import type { Moment } from './moment.js';

/** What nstat never shows, since it does not count anything. */
const NO_COUNTS = new Set(['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn', 'CurrEstab']);

/** The lines. The last column is a rate, which is 0 where nstat does not run as a daemon. nstat reads the `TcpExt` row last. */
export function nstat({ variant, host }: Moment): string[] {
  const lines = [tcpRow(variant, host), tcpExtRow(variant, host)].flatMap(({ prefix, columns }) =>
    columns
      .filter(([name, value]) => value !== 0 && !(prefix === 'Tcp' && NO_COUNTS.has(name)))
      .map(([name, value]) => `${(prefix + name).padEnd(32)}${String(value).padEnd(16)}   0.0`),
  );
  return ['#kernel', ...lines];
}
