/** Records the timeline of a run, or of a stretch of it, which is then seen in every detail. */

import type { Host } from '../../../src/host/host.js';
import type { RuleId } from '../../../src/host/rule.js';
import type { KernelVariant, ListenerInfo, SynQueue } from '../../../src/host/variant.js';
import type { Sent } from '../../../src/run/environment.js';
import type { Onlooker } from '../../../src/simulate/simulate.js';
import type { Timeline } from '../../../src/timeline/timeline.js';
import { TimelineRecorder } from '../../../src/timeline/timeline-recorder.js';

/** See the file's comment. */
export class WindowRecorder implements Onlooker {
  private readonly kernel: KernelVariant;
  private readonly recorder: TimelineRecorder;
  private readonly from: number;
  private readonly until: number;
  /** How the queues are when the stretch begins. */
  private before: { synQueue: SynQueue | undefined; listener: ListenerInfo | undefined } | undefined;
  private isInside = false;

  constructor(kernel: KernelVariant, title: string, [from, until]: readonly [number, number]) {
    this.kernel = kernel;
    this.recorder = new TimelineRecorder(kernel, { title });
    this.from = from;
    this.until = until;
  }

  look(at: number, host: Host, rules: readonly RuleId[], sent: readonly Sent[]): void {
    if (at > this.until) return;
    if (at < this.from) {
      this.before = { synQueue: this.kernel.synQueue(host), listener: this.kernel.listener(host) };
      return;
    }
    if (!this.isInside) this.enter();
    this.recorder.look(at, host, rules, sent);
  }

  /** The timeline of a run that ended at `end`. */
  timeline(end: number): Timeline {
    if (!this.isInside) this.enter();
    return this.recorder.timeline(Math.min(this.until, Math.max(end, this.from)));
  }

  private enter(): void {
    this.isInside = true;
    const { before, from } = this;
    if (before !== undefined) this.recorder.see({ at: from, rules: [], sent: [], peer: undefined, ...before });
  }
}
