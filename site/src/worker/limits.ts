/** What the settings of a workload mean on kernels, as `limits` tells it. */

import { LIMITS_SYSCTLS, type Limits, limits } from '../../../src/report/limits.js';
import { type LimitsRow, limitsRows } from '../../../src/report/limits-text.js';
import { PACKET_SYSCTLS } from '../../../src/report/packet-limits.js';
import type { Jobs } from '../protocol.js';
import { kernelsNamed, workloadOf } from './kernels.js';

/** The table of `limits` for these settings, without the packet backlog, which no setting of the page is about. */
export function limitsOf({ workload: value, kernels }: Jobs['limits'][0]): readonly LimitsRow[] {
  const { backlog, sysctl = {} } = workloadOf(value);
  const asked = Object.entries(sysctl).filter(([name]) => LIMITS_SYSCTLS.includes(name));
  const all = kernelsNamed(kernels).map((kernel) => limits(kernel, backlog, Object.fromEntries(asked)));
  return limitsRows(all.map(withoutPackets));
}

function withoutPackets({ sysctl, ...limits }: Limits): Limits {
  const ofTcp = Object.entries(sysctl).filter(([name]) => !PACKET_SYSCTLS.includes(name));
  return { ...limits, sysctl: Object.fromEntries(ofTcp), packetBacklog: undefined };
}
