/** Which numbers a sysctl takes. */

import { kernelSpec } from '../../src/host/kernel-spec.js';
import { kernelsSince } from '../kernels.js';
import type { Invariant } from '../property.js';
import { walk } from './support/walk.js';

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** Older kernels cut some numbers to 32 bits first, or take any. */
export const sysctlRange: Invariant = {
  id: 'sysctl-range',
  sentence:
    'From 5.10 on a write of a sysctl succeeds exactly if the number lies in its range (0 to 255 for those of a byte), or is any int where it has none.',
  kernels: kernelsSince('5.10'),
  rules: [
    'proc_dou8vec_minmax/any-byte',
    'proc_dou8vec_minmax/out-of-range',
    'do_proc_dointvec_conv/any-int',
    'do_proc_dointvec_conv/not-an-int',
    'do_proc_dointvec_minmax_conv/out-of-range',
  ],
  needs: 'results',
  broken: walk((_trace, kernel) => ({ step: { event, result } }) => {
    const written = 'sysctl' in event ? Object.entries(event.sysctl) : [];
    const [one] = written;
    if (one === undefined || written.length > 1) return undefined;
    const [name, value] = one;
    const sysctl = kernelSpec(kernel)?.sysctls[name];
    if (sysctl === undefined) return undefined;
    const { min = INT_MIN, max = INT_MAX } = sysctl;
    const expected = value >= min && value <= max ? 0 : 'EINVAL';
    return result === expected ? undefined : `${name} = ${value}: ${result}, and not ${expected}`;
  }),
};
