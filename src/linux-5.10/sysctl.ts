/** What the kernel accepts for the sysctls that the model reads (kernel/sysctl.c). */

import type { KernelSysctl } from '../generated/types.js';
import type { Errno } from '../host/variant.js';
import type { SysctlHost } from '../linux-2.6.32/sysctl.js';
import * as earlier from '../linux-4.15/sysctl.js';

/** Stores a sysctl's value if it lies in the range that `sysctl` gives, by the handler for its size. */
export function storeSysctl(host: SysctlHost, sysctl: KernelSysctl, name: string, value: number): 0 | Errno {
  const { min, max, bits } = sysctl;
  if (bits === 8) return proc_dou8vec_minmax(host, name, value);
  if (min === undefined && max === undefined) return earlier.do_proc_dointvec_conv(host, name, value);
  return do_proc_dointvec_minmax_conv(host, name, value, min ?? earlier.INT_MIN, max ?? earlier.INT_MAX);
}

/**
 * Stores what fits into a byte.
 * @kernel 5.10.262 kernel/sysctl.c proc_dou8vec_minmax
 */
export function proc_dou8vec_minmax(host: SysctlHost, name: string, value: number): 0 | Errno {
  if (value < 0 || value > 255) {
    host.rule('proc_dou8vec_minmax/out-of-range');
    return 'EINVAL';
  }
  host.sysctl[name] = value;
  host.rule('proc_dou8vec_minmax/any-byte');
  return 0;
}

/**
 * Stores an int that lies in the range. Unlike in 4.15 what is no int is refused, not cut to 32 bits.
 * @kernel 5.10.262 kernel/sysctl.c do_proc_dointvec_minmax_conv
 */
export function do_proc_dointvec_minmax_conv(
  host: SysctlHost,
  name: string,
  value: number,
  min: number,
  max: number,
): 0 | Errno {
  if (earlier.refusesNumber(host, value)) return 'EINVAL';
  return earlier.do_proc_dointvec_minmax_conv(host, name, value, min, max);
}
