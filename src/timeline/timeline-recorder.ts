/** Makes a timeline of looks at a machine while it runs, however many there are. */

import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant, ListenerInfo, SynQueue } from '../host/variant.js';
import type { Sight } from '../judge/sights.js';
import { GatheredMarks } from './gathering.js';
import { decidedBy, markKind } from './mark-kinds.js';
import { ThinnedSamples } from './thinning.js';
import type { MarkKind, QueueSample, Timeline } from './timeline.js';

/** How a timeline is made. */
export interface TimelineRecorderOptions {
  readonly title: string;
  /** How many samples it has at most, and how many marks. Default 2000. */
  readonly samples?: number;
}

/** See the file's comment. A look costs less than an event of the machine. */
export class TimelineRecorder {
  private readonly kernel: KernelVariant;
  private readonly title: string;
  private readonly samples: ThinnedSamples;
  private readonly marks: GatheredMarks;
  private from: number | undefined;

  constructor(kernel: KernelVariant, { title, samples = 2000 }: TimelineRecorderOptions) {
    this.kernel = kernel;
    this.title = title;
    this.samples = new ThinnedSamples(samples);
    this.marks = new GatheredMarks(samples);
  }

  /**
   * Looks at a machine after it has handled an event or the timers of a tick.
   * @param at µs; not before the look before
   * @param rules what fired since then: `host.fired`, if that is emptied between the looks
   * @param sent what was sent since then
   * @param peer whose segment it was, or whose connection was accepted, if that is known
   */
  look(at: number, host: Host, rules: readonly RuleId[], sent: Sight['sent'], peer?: number): void {
    const { kernel } = this;
    this.see({ at, rules, sent, peer, synQueue: kernel.synQueue(host), listener: kernel.listener(host) });
  }

  /** Takes what somebody else has seen. */
  see({ at, rules, sent, peer, synQueue, listener }: Sight): void {
    this.from ??= at;
    this.sample(at, synQueue, listener);
    let resent = 0;
    let resets = 0;
    for (let i = 0; i < rules.length; i++) {
      const kind = markKind(rules[i] as RuleId);
      if (kind === undefined) continue;
      const to = kind === 'reset' ? nth(sent, 'rst', resets++) : answers(kind) ? nth(sent, 'syn', resent++) : undefined;
      this.marks.add(at, kind, decidedBy(rules, i), peer ?? to);
    }
  }

  /** What was seen until `until`, µs. */
  timeline(until: number): Timeline {
    return {
      kernel: this.kernel.name,
      title: this.title,
      from: this.from ?? 0,
      until: Math.max(until, this.samples.last?.at ?? 0),
      samples: this.samples.samples(),
      marks: this.marks.all(),
    };
  }

  private sample(at: number, queue: SynQueue | undefined, listener: ListenerInfo | undefined): void {
    const listens = listener?.state === 'LISTEN';
    const synQueue = queue?.length ?? 0;
    const young = queue?.young ?? 0;
    const acceptQueue = listener?.acceptQueue ?? 0;
    const synLimit = listens ? queue?.limit : undefined;
    const acceptLimit = listens ? listener.maxAcceptQueue + 1 : undefined;
    const { last } = this.samples;
    if (
      last === undefined ||
      last.synQueue !== synQueue ||
      last.young !== young ||
      last.acceptQueue !== acceptQueue ||
      last.synLimit !== synLimit ||
      last.acceptLimit !== acceptLimit
    ) {
      const sample: QueueSample = { at, synQueue, young, acceptQueue, synLimit, acceptLimit };
      this.samples.add(sample);
    }
  }
}

const answers = (kind: MarkKind): boolean => kind === 'retransmission' || kind === 'cookie';

/** The peer of the n-th segment, from 0, with that flag. */
function nth(sent: Sight['sent'], flag: 'rst' | 'syn', n: number): number | undefined {
  let left = n;
  for (const segment of sent) if (segment[flag] && left-- === 0) return segment.peer;
  return undefined;
}
