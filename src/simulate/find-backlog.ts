/** Searches the smallest backlog with which no client loses anything, and the settings that stand in its way. */

import type { Sysctls, Workload } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import { losses, type WorkloadResult } from './result.js';
import { simulate } from './simulate.js';

/** A setting that is too small for any backlog to help. */
export interface Cap {
  /** The full name of the sysctl. */
  readonly sysctl: string;
  readonly inForce: number;
  /** The least value with which the backlog that was found loses nothing. */
  readonly needed: number;
}

/** What a search found. */
export interface FoundBacklog {
  readonly kernel: string;
  /** The smallest backlog; undefined: with every one, and with all settings raised, clients lose something. */
  readonly backlog: number | undefined;
  /** Settings that have to be raised for it. */
  readonly caps: readonly Cap[];
  /** Of other backlogs that were tried near it: the smaller ones that lose nothing, and the greater ones that do. Empty: as one would expect. */
  readonly exceptions: readonly number[];
  /** The run with that backlog and the settings raised as needed; where there is none, with the greatest backlog and all settings raised. */
  readonly result: WorkloadResult;
  /** The greatest backlog that leads to a SYN queue of the same size (2.6.32 rounds it up to a power of two), as far as somaxconn lets it. */
  readonly sameSynQueueUpTo: number | undefined;
  /** How many runs it took. */
  readonly runs: number;
}

/** The greatest backlog that is tried: where it has 16 bits (2.6.32), a greater one is none. */
const GREATEST = 65_535;

const SOMAXCONN = 'net.core.somaxconn';
const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';
/** More than enough of each. */
const RAISED: Sysctls = { [SOMAXCONN]: GREATEST, [MAX_SYN_BACKLOG]: 1 << 20 };

/**
 * Searches by bisection, and looks around the result whether more is really better there. A client loses if it has to send its SYN
 * again, is refused or reset, gives up, times out, or hangs.
 * @param told called before each run with the backlog that is tried
 * @throws RangeError where the network itself loses segments, so that clients lose with every backlog
 */
export function findBacklog(
  kernel: KernelVariant,
  workload: Workload,
  told: (backlog: number) => void = () => undefined,
): FoundBacklog {
  if ((workload.clients.loss ?? 0) > 0) {
    throw new RangeError('where the network loses segments, clients lose something with every backlog');
  }
  const search = new Search(kernel, workload, told);
  const asked = workload.sysctl ?? {};
  const ways = [asked, { ...asked, [SOMAXCONN]: GREATEST }, { ...asked, ...RAISED }];
  for (const sysctl of ways) {
    const backlog = search.least(sysctl);
    if (backlog !== undefined) return search.found(backlog, asked, sysctl);
  }
  const result = search.run(GREATEST, { ...asked, ...RAISED }, false);
  const { runs } = search;
  return {
    kernel: kernel.name,
    backlog: undefined,
    caps: [],
    exceptions: [],
    result,
    sameSynQueueUpTo: undefined,
    runs,
  };
}

class Search {
  runs = 0;
  private readonly kernel: KernelVariant;
  private readonly workload: Workload;
  private readonly told: (backlog: number) => void;

  constructor(kernel: KernelVariant, workload: Workload, told: (backlog: number) => void) {
    this.kernel = kernel;
    this.workload = workload;
    this.told = told;
  }

  run(backlog: number, sysctl: Sysctls, untilLoss = true): WorkloadResult {
    this.told(backlog);
    this.runs += 1;
    return simulate(this.kernel, { ...this.workload, backlog, sysctl }, { untilLoss });
  }

  /** The least backlog that loses nothing; undefined: none does. */
  least(sysctl: Sysctls): number | undefined {
    const { acceptQueue } = this.run(GREATEST, sysctl);
    const most = Math.min(GREATEST, (acceptQueue.limit ?? 1) - 1);
    return leastOf(0, most, (backlog) => this.isLossless(backlog, sysctl));
  }

  found(backlog: number, asked: Sysctls, used: Sysctls): FoundBacklog {
    const needed = { ...used };
    const caps: Cap[] = [];
    const inForce = this.run(backlog, asked).sysctl;
    for (const sysctl of [SOMAXCONN, MAX_SYN_BACKLOG]) {
      const value = used[sysctl];
      if (value === undefined || value === asked[sysctl]) continue;
      const least = leastOf(0, value, (one) => this.isLossless(backlog, { ...needed, [sysctl]: one })) ?? value;
      const now = inForce[sysctl] ?? 0;
      if (least > now) {
        needed[sysctl] = least;
        caps.push({ sysctl, inForce: now, needed: least });
      } else if (asked[sysctl] === undefined) {
        delete needed[sysctl];
      } else {
        needed[sysctl] = asked[sysctl];
      }
    }
    const exceptions = around(backlog).filter((one) => this.isLossless(one, needed) !== one >= backlog);
    const result = this.run(backlog, needed, false);
    const sameSynQueueUpTo = this.sameSynQueue(backlog, needed, result);
    return { kernel: this.kernel.name, backlog, caps, exceptions, result, sameSynQueueUpTo, runs: this.runs };
  }

  /** Only where the length of the SYN queue follows the backlog in steps. */
  private sameSynQueue(backlog: number, sysctl: Sysctls, { synQueue }: WorkloadResult): number | undefined {
    if (this.kernel.synTable === undefined) return undefined;
    const roomy = { ...sysctl, [SOMAXCONN]: GREATEST };
    const limitOf = (one: number): number => {
      const nobody = { ...this.workload, backlog: one, sysctl: roomy, until: 0 };
      return simulate(this.kernel, nobody).synQueue.limit ?? 0;
    };
    const beyond = leastOf(backlog, GREATEST, (one) => limitOf(one) > (synQueue.limit ?? 0));
    return (beyond ?? GREATEST + 1) - 1;
  }

  private isLossless(backlog: number, sysctl: Sysctls): boolean {
    return losses(this.run(backlog, sysctl)) === 0;
  }
}

/** The least number from `low` to `high` that is good, by bisection; undefined: `high` is not. */
function leastOf(low: number, high: number, isGood: (one: number) => boolean): number | undefined {
  if (!isGood(high)) return undefined;
  let [bad, good] = [low - 1, high];
  while (good - bad > 1) {
    const middle = Math.floor((bad + good) / 2);
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Backlogs near one, on both sides of it. */
function around(backlog: number): number[] {
  const near = [backlog >> 1, (3 * backlog) >> 2, backlog - 2, backlog + 1, backlog + 2, 2 * backlog];
  return [...new Set(near)].filter((one) => one >= 0 && one !== backlog && one <= GREATEST);
}
