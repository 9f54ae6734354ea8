/** What could have been seen of a hypothesis within a step: for those who want to know more than how the step ends. */

import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { OutSegment } from '../host/segment.js';
import type { KernelVariant, ListenerInfo, SynQueue } from '../host/variant.js';

/** What there is to see at a moment. */
export interface Sight {
  /** µs; of a tick, when it began at the earliest, or when its first segment was seen. */
  readonly at: number;
  /** What fired since the sight before, in order. */
  readonly rules: readonly RuleId[];
  /** What was sent since then, in order. */
  readonly sent: readonly Pick<OutSegment, 'peer' | 'syn' | 'rst'>[];
  /** Whose segment it was, or whose connection was accepted; undefined: a timer fired, or a call was about no connection. */
  readonly peer: number | undefined;
  readonly synQueue: SynQueue | undefined;
  readonly listener: ListenerInfo | undefined;
}

/** The sights of a step that is being played; part of a hypothesis, and cloned with it. */
export class Sights {
  seen: Sight[] = [];
  private sent: OutSegment[] = [];
  private fired = 0;

  /** A segment leaves. */
  transmitted(segment: OutSegment): void {
    this.sent.push(segment);
  }

  /** Another step begins. */
  begin(): void {
    this.seen = [];
    this.sent = [];
    this.fired = 0;
  }

  /** Looks at the machine. */
  look(variant: KernelVariant, host: Host, at: number, peer?: number): void {
    const { fired, sent } = this;
    this.fired = host.fired.length;
    this.sent = [];
    const rules = host.fired.slice(fired);
    this.seen.push({ at, rules, sent, peer, synQueue: variant.synQueue(host), listener: variant.listener(host) });
  }
}
