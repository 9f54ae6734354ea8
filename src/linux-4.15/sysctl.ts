/** The sysctls that the model reads: what the kernel accepts for them. */

import type { KernelSysctl } from '../generated/types.js';
import type { Errno } from '../host/variant.js';
import { do_proc_dointvec_minmax_conv, type SysctlHost } from '../linux-2.6.32/sysctl.js';
import type { Machine } from './machine.js';

export { do_proc_dointvec_minmax_conv } from '../linux-2.6.32/sysctl.js';

/** A sysctl's value. */
export function sysctl(host: Machine, name: string): number {
  return host.sysctl[name] ?? 0;
}

/** Writes a sysctl: 0, or why the kernel refuses. */
export function writeSysctl(host: Machine, name: string, value: number): 0 | Errno {
  const { sysctls } = host.release;
  const sysctl = Object.hasOwn(sysctls, name) ? sysctls[name] : undefined;
  if (sysctl === undefined) return 'ENOENT';
  return host.release.storeSysctl(host, sysctl, name, value);
}

/** Stores a sysctl's value if it lies in the range that `sysctl` gives. */
export function storeSysctl(host: SysctlHost, sysctl: KernelSysctl, name: string, value: number): 0 | Errno {
  if (sysctl.min === undefined && sysctl.max === undefined) return do_proc_dointvec_conv(host, name, value);
  return do_proc_dointvec_minmax_conv(host, name, value, sysctl.min ?? INT_MIN, sysctl.max ?? INT_MAX);
}

export const INT_MIN = -(2 ** 31);
export const INT_MAX = 2 ** 31 - 1;

/**
 * Stores any int.
 * @kernel 4.15.11 kernel/sysctl.c do_proc_dointvec_conv
 */
export function do_proc_dointvec_conv(host: SysctlHost, name: string, value: number): 0 | Errno {
  if (refusesNumber(host, value)) return 'EINVAL';
  host.sysctl[name] = value;
  host.rule('do_proc_dointvec_conv/any-int');
  return 0;
}

/** Whether a number is refused because it is no int. */
export function refusesNumber(host: SysctlHost, value: number): boolean {
  if (value >= INT_MIN && value <= INT_MAX) return false;
  host.rule('do_proc_dointvec_conv/not-an-int');
  return true;
}
