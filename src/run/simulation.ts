/** Runs a scenario on a kernel's model, step by step, in virtual time. */

import type { ArrivingSegment, SentSegment, Step, TraceEvent } from '../generated/types.js';
import { cloneGraph } from '../host/clone.js';
import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { arriving, countedFromSynAcks, type SynAcks, sent } from '../trace/segments.js';
import { Observer } from './observer.js';
import { RunningMachine, type SimulationOptions } from './running-machine.js';

export type { SimulationOptions } from './running-machine.js';

/** What a step did: a step of a trace, and what the kernel had to do with it. */
export interface PlayedStep extends Step {
  /** The rules that fired, in order. */
  readonly rules: readonly RuleId[];
  /** What was written to the kernel log. */
  readonly log: readonly string[];
}

/** A machine that runs one kernel, with one server process. */
export class Simulation {
  /** The machine's state, by the kernel's own names. */
  readonly host: Host;
  /** Of the sysctls asked for, the ones that the kernel refused, with the errno. */
  readonly sysctlErrors: Readonly<Record<string, string>>;
  private readonly machine: RunningMachine;
  private readonly synAcks: SynAcks = new Map();
  private readonly observer: Observer;
  private time = 0;

  constructor(variant: KernelVariant, options: SimulationOptions = {}) {
    this.machine = new RunningMachine(variant, options);
    this.host = this.machine.host;
    this.sysctlErrors = this.machine.sysctlErrors;
    this.observer = new Observer(variant, this.host);
  }

  /** µs since the start. */
  get now(): number {
    return this.time;
  }

  /** Lets one event happen now; a `wait` lets its time pass. */
  step(event: TraceEvent): PlayedStep {
    const { host, machine, time: at } = this;
    const told = countedFromSynAcks(event, this.synAcks);
    const outcome = machine.happen(event, at, (one) => arriving(one, this.synAcks));
    if ('wait' in event) this.time += event.wait;
    const out = this.takeSent();
    const observed = this.observer.observe(this.time);
    return { at, event: told, ...outcome, out, observed, rules: host.fired, log: host.log };
  }

  /** A segment that a peer sends now, with an absolute acknowledgement number, so that it means the same when it arrives later. */
  sentNow(segment: ArrivingSegment): ArrivingSegment {
    if (segment.ack === undefined) return segment;
    return { ...segment, ack: { of: 'nothing', plus: arriving(segment, this.synAcks).ack_seq } };
  }

  /** An independent copy: the same events give the same results in both. */
  clone(): Simulation {
    return cloneGraph(this);
  }

  private takeSent(): SentSegment[] {
    return this.machine.takeSent().map((segment) => {
      const { peer, flags, ...numbers } = sent(segment, this.synAcks);
      return { at: Math.ceil(segment.at), peer, flags, ...numbers };
    });
  }
}
