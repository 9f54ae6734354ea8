/**
 * The kernel log as `dmesg -r` prints it. A line is there only if the kernel's own rate limit let it pass. Times are those of the steps
 * since the start, as a machine's time since boot is not known. From 4.15 on there is a "drop open request" only where dynamic debugging is on,
 * which it is not here.
 */

import { dotted, endpointOf, LISTENER } from './addresses.js';
import type { Moment } from './moment.js';

/** Its lines, the oldest first. */
export function kernelLog({ log }: Moment): string[] {
  return log.map(({ at, line }) => {
    const [, level = '', text = line] = /^(<\d>) (.*)$/.exec(line) ?? [];
    return `${level}[${(at / 1_000_000).toFixed(6).padStart(12)}] ${withAddresses(text)}`;
  });
}

/** Models name ports and peers in words, as they have no addresses. */
function withAddresses(text: string): string {
  return text
    .replace("on the listener's port.", `on port ${LISTENER.port}.`)
    .replace("on the listener's address and port.", `on port ${dotted(LISTENER.address)}:${LISTENER.port}.`)
    .replace(/from peer (\d+)$/, (_, peer: string) => {
      const { address, port } = endpointOf(Number(peer));
      return `from ${dotted(address)}/${port}`;
    });
}
