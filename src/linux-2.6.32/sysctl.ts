/** The sysctls of 2.6.32 that the model reads: their defaults, and what the kernel accepts for them. */

import { kernelSpecs } from '../generated/kernels.js';
import type { KernelSysctl } from '../generated/types.js';
import type { Host } from '../host/host.js';
import type { Errno } from '../host/variant.js';
import type { Machine } from './machine.js';

const spec = kernelSpecs['2.6.32'].sysctls;

/** A sysctl that the model knows. */
export type SysctlName = keyof typeof spec;

/** What has sysctls, and notes rules. */
export type SysctlHost = Pick<Host, 'sysctl' | 'rule'>;

/** The value in force. */
export function sysctl(host: Host, name: SysctlName): number {
  return host.sysctl[name] ?? 0;
}

/** The values after boot, by full name. */
export function defaultSysctls(): Record<string, number> {
  return defaultsOf(spec);
}

/** The values after boot that a kernel's specification gives, by full name. */
export function defaultsOf(sysctls: Readonly<Record<string, KernelSysctl>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sysctls).map(([name, { default: value }]) => [name, value]));
}

/** Writes a sysctl: 0, or why the kernel refuses. */
export function writeSysctl(host: Machine, name: string, value: number): 0 | Errno {
  if (!Object.hasOwn(spec, name)) return 'ENOENT';
  if (host.mainline && name === 'net.core.somaxconn') return do_proc_dointvec_minmax_conv(host, name, value, 0, 65535);
  return do_proc_dointvec_conv(host, name, value);
}

/**
 * Stores any number, cut to 32 bits: nothing keeps somaxconn from being negative, or above 65535.
 * @kernel 2.6.32-220.el6 kernel/sysctl.c do_proc_dointvec_conv
 */
export function do_proc_dointvec_conv(host: SysctlHost, name: string, value: number): 0 {
  host.sysctl[name] = value | 0;
  host.rule('do_proc_dointvec_conv/any-int');
  return 0;
}

/**
 * Cuts a number to 32 bits, and stores it if it lies in the range. Of what the model of 2.6.32 reads, only mainline's somaxconn has one.
 * @kernel 2.6.32-220.el6 kernel/sysctl.c do_proc_dointvec_minmax_conv
 */
export function do_proc_dointvec_minmax_conv(
  host: SysctlHost,
  name: string,
  value: number,
  min: number,
  max: number,
): 0 | Errno {
  const val = value | 0;
  if (min > val || max < val) {
    host.rule('do_proc_dointvec_minmax_conv/out-of-range');
    return 'EINVAL';
  }
  host.sysctl[name] = val;
  return 0;
}
