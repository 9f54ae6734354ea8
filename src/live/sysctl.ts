/** Sysctls of the main thread's network namespace. */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { kernelSpecs } from '../generated/kernels.js';

/**
 * In a new namespace all sysctls have the kernel's own defaults but these, which depend on the machine: the length of SYN queues grows with its
 * memory. Here it has the value that a machine with little memory has, and that the models have.
 */
const SAME_EVERYWHERE: Readonly<Record<string, number>> = { 'net.ipv4.tcp_max_syn_backlog': 128 };

const file = (name: string): string => `/proc/sys/${name.replaceAll('.', '/')}`;

/** Writes a value. @returns 0, or the name of the errno with which the kernel refused it */
export function writeSysctl(name: string, value: number): 0 | string {
  try {
    const fd = openSync(file(name), 'r+');
    try {
      writeSync(fd, `${value}\n`);
    } finally {
      closeSync(fd);
    }
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}

/** Gives the sysctls of a new namespace the values that they have on every machine, and keeps IPv6 quiet. */
export function settle(): void {
  for (const [name, value] of Object.entries(SAME_EVERYWHERE)) writeSysctl(name, value);
  // Where there is no IPv6 it says nothing anyway.
  for (const scope of ['all', 'default']) writeSysctl(`net.ipv6.conf.${scope}.disable_ipv6`, 1);
}

/**
 * The sysctls that some kernel's model knows and that a new network namespace has for itself: the main thread's, which is not the machine's first. Those that the
 * whole machine shares are not shown in it at all (since Linux 3.5), or cannot be written.
 */
export function ownSysctls(): string[] {
  const known = new Set(Object.values(kernelSpecs).flatMap(({ sysctls }) => Object.keys(sysctls)));
  return [...known].filter(isWritable).sort();
}

/** Writing what is there already changes nothing. */
function isWritable(name: string): boolean {
  try {
    return writeSysctl(name, Number(readFileSync(file(name), 'latin1'))) === 0;
  } catch {
    return false;
  }
}
