/** Judges measurements of the packet backlog: plays each burst on the kernel's model and compares. */

import type { SoftnetHeader, SoftnetMeasurement, TraceReport } from '../generated/types.js';
import { cloneGraph } from '../host/clone.js';
import { kernelSpec } from '../host/kernel-spec.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { KERNELS } from '../kernels.js';
import { LoopbackBench } from '../run/burst.js';
import type { SoftnetRecord } from '../trace/softnet.js';

/** What is wrong with a measurement: no burst on this kernel comes out so. */
export interface SoftnetMismatch {
  /** `softnet_stat.dropped`, `order[3]`, … */
  readonly field: string;
  readonly expected: number;
  readonly observed: number;
  /** The rule that says what was expected. */
  readonly rule: RuleId;
}

/** What a burst comes to on the model. */
type Outcome = Pick<SoftnetMeasurement, 'softnet_stat' | 'delivered' | 'order'>;

/**
 * Judges the measurements of one machine, one after the other. Nothing is left to chance but one thing: a poll has the weight that was in force
 * at the poll before, and whether other packets came between two measurements is not recorded.
 */
export class SoftnetJudge {
  private bench: LoopbackBench;

  constructor(variant: KernelVariant, hz: number) {
    this.bench = new LoopbackBench(variant, hz);
  }

  /** The rules that fired in the last measurement. */
  get fired(): readonly RuleId[] {
    return this.bench.backlog.fired;
  }

  /** Judges the next measurement; undefined: the kernel could have produced it. */
  judge(measurement: SoftnetMeasurement): SoftnetMismatch | undefined {
    const { backlog } = this.bench;
    for (const name of ['netdev_max_backlog', 'dev_weight', 'netdev_budget'] as const) {
      backlog.writeSysctl(`net.core.${name}`, measurement[name]);
    }
    const after = cloneGraph(this.bench);
    after.send(1);
    const wrong = compared(measurement, played(this.bench, measurement.burst), this.fired);
    if (wrong === undefined) return undefined;
    if (compared(measurement, played(after, measurement.burst), after.backlog.fired) !== undefined) return wrong;
    this.bench = after;
    return undefined;
  }
}

function played(bench: LoopbackBench, burst: number): Outcome {
  const { backlog } = bench;
  backlog.fired = [];
  const before = backlog.softnetStat(0);
  const order = bench.send(burst);
  const { processed, dropped, time_squeeze } = backlog.softnetStat(0);
  return {
    softnet_stat: {
      processed: processed - before.processed,
      dropped: dropped - before.dropped,
      time_squeeze: time_squeeze - before.time_squeeze,
    },
    delivered: order.length,
    order,
  };
}

/** The rules that say what a field has to be; of these, a kernel has one. */
const DECIDED_BY = {
  processed: ['enqueue_to_backlog/counted', '__netif_receive_skb_core/counted'],
  dropped: ['enqueue_to_backlog/full', 'enqueue_to_backlog/queued'],
  time_squeeze: ['net_rx_action/out-of-budget', 'process_backlog/empty'],
  delivered: ['enqueue_to_backlog/queued'],
} as const satisfies Record<string, readonly RuleId[]>;

/** The first difference. */
function compared(
  observed: SoftnetMeasurement,
  expected: Outcome,
  fired: readonly RuleId[],
): SoftnetMismatch | undefined {
  const wrong = (field: string, seen: number, allowed: number, by: keyof typeof DECIDED_BY): SoftnetMismatch => {
    const rule = DECIDED_BY[by].find((one) => fired.includes(one)) ?? DECIDED_BY[by][0];
    return { field, expected: allowed, observed: seen, rule };
  };
  for (const column of ['processed', 'dropped', 'time_squeeze'] as const) {
    const [seen, allowed] = [observed.softnet_stat[column], expected.softnet_stat[column]];
    if (seen !== allowed) return wrong(`softnet_stat.${column}`, seen, allowed, column);
  }
  if (observed.delivered !== expected.delivered) {
    return wrong('delivered', observed.delivered, expected.delivered, 'delivered');
  }
  for (const [i, seen] of observed.order.entries()) {
    const allowed = expected.order[i] as number;
    if (seen !== allowed) return wrong(`order[${i}]`, seen, allowed, 'delivered');
  }
  return undefined;
}

/** The variant that models a release: the one that is cited from it, or whose name it begins with. */
function variantOf(release: string): KernelVariant | undefined {
  return KERNELS.find(({ name }) => kernelSpec(name)?.release === release || `${release}.`.startsWith(`${name}.`));
}

/** Judges the records of a file; each measurement gets a report, as a trace of one step would. */
export class SoftnetRecordJudge {
  private readonly kernel: KernelVariant | undefined;
  private current: { readonly judge: SoftnetJudge; readonly kernel: string } | undefined;

  /** `kernel`: the variant that judges, whatever the headers say. */
  constructor(kernel?: KernelVariant) {
    this.kernel = kernel;
  }

  /** Takes the next record; the report of what it is, if it is no header that all is well with. */
  take(record: SoftnetRecord): TraceReport | undefined {
    switch (record.kind) {
      case 'header':
        return this.#header(record.value, record.line);
      case 'step':
        return this.#measurement(record.value, record.line);
      case 'invalid': {
        const message = [record.path, record.message].filter((part) => part !== '').join(': ');
        const line = record.line > 0 ? { line: record.line } : {};
        return { id: '', kernel: this.current?.kernel ?? '', verdict: 'invalid', steps: 0, ...line, message };
      }
    }
  }

  #header({ kernel: { release, hz } }: SoftnetHeader, line: number): TraceReport | undefined {
    const variant = this.kernel ?? variantOf(release);
    this.current = variant && { judge: new SoftnetJudge(variant, hz), kernel: variant.name };
    if (variant !== undefined) return undefined;
    const message = `$.kernel.release: no variant models ${JSON.stringify(release)}`;
    return { id: '', kernel: '', verdict: 'invalid', steps: 0, line, message };
  }

  #measurement(measurement: SoftnetMeasurement, line: number): TraceReport | undefined {
    if (this.current === undefined) return undefined;
    const { judge, kernel } = this.current;
    const { burst, dev_weight, netdev_budget, netdev_max_backlog } = measurement;
    const id = `burst-${burst}-backlog-${netdev_max_backlog}-weight-${dev_weight}-budget-${netdev_budget}`;
    const wrong = judge.judge(measurement);
    if (wrong === undefined) return { id, kernel, verdict: 'conforms', steps: 1 };
    const { field, expected, observed, rule } = wrong;
    const message = `${field}: expected ${expected}, observed ${observed}`;
    return { id, kernel, verdict: 'violates', steps: 1, line, rule, message, expected, observed };
  }
}
