/** The machine that the server runs on: events happen on it at their times, somebody looks on, and it can write its trace. */

import type { ArrivingSegment, Flag, Step, TraceEvent, TraceHeader } from '../generated/types.js';
import type { Host } from '../host/host.js';
import { citedRelease } from '../host/kernel-spec.js';
import type { SkBuff } from '../host/segment.js';
import type { CallResult, KernelVariant, SystemCall } from '../host/variant.js';
import type { Sent } from '../run/environment.js';
import { Observer } from '../run/observer.js';
import { type EventWith, RunningMachine, type SimulationOptions } from '../run/running-machine.js';
import { type SynAcks, sent as sentInTrace } from '../trace/segments.js';
import { ACK, FIN, PSH, RST, SYN } from './line.js';

/** Takes the lines of a trace. */
export interface TraceTaker {
  /** Name of the trace. */
  readonly id: string;
  /** Whether the rows of /proc/net/tcp are wanted in each step, which is as long as there are connections. */
  readonly rows: boolean;
  /** The header, and then each step. */
  take(line: TraceHeader | Step): void;
}

/** Told after everything that happened: the rules that fired are `host.fired`, the log is `host.log`. */
export type Seen = (at: number, sent: readonly Sent[]) => void;

/** A segment as the kernels see it. `seq` and `ack` are numbers of 32 bits. */
export function segmentOf(peer: number, flags: number, seq: number, ack: number, len: number): SkBuff {
  const syn = (flags & SYN) !== 0;
  const fin = (flags & FIN) !== 0;
  // Spelled out: it is made for each segment of a million clients.
  return {
    peer,
    syn,
    ack: (flags & ACK) !== 0,
    rst: (flags & RST) !== 0,
    fin,
    psh: (flags & PSH) !== 0,
    seq,
    end_seq: (seq + len + (syn ? 1 : 0) + (fin ? 1 : 0)) >>> 0,
    ack_seq: ack,
    len,
    saw_tstamp: false,
    rcv_tsval: 0,
    broadcast: false,
    tw_isn: 0,
  };
}

/** A {@link RunningMachine} that keeps the time. */
export class Machine {
  readonly host: Host;
  readonly sysctlErrors: Readonly<Record<string, string>>;
  /** µs: up to here timers have fired. */
  now = 0;
  private readonly machine: RunningMachine;
  private readonly seen: Seen;
  private readonly recorder: Recorder | undefined;

  constructor(kernel: KernelVariant, options: SimulationOptions, seen: Seen, trace?: TraceTaker) {
    this.machine = new RunningMachine(kernel, options);
    this.host = this.machine.host;
    this.sysctlErrors = this.machine.sysctlErrors;
    this.seen = seen;
    this.recorder = trace === undefined ? undefined : new Recorder(kernel, options, this.machine, trace);
  }

  /** A segment arrives. */
  receive(segment: SkBuff, at: number): void {
    this.happen({ segments: [segment] }, at);
  }

  /** The process calls the kernel. */
  call(call: SystemCall, at: number): Partial<CallResult> {
    return this.happen(call, at);
  }

  /** When the next timer fires; undefined: not until `horizon`. */
  nextTimer(horizon: number): number | undefined {
    const { host } = this;
    const tick = host.timers.next(host, horizon);
    return tick === undefined || tick.lo > horizon ? undefined : Math.max(this.now, Math.ceil(tick.lo));
  }

  /** Lets time pass. */
  elapse(until: number): void {
    this.finish({ wait: until - this.now }, this.now, this.machine.happen({ wait: until - this.now }, this.now, same));
    this.now = until;
  }

  private happen(event: SystemCall | { readonly segments: readonly SkBuff[] }, at: number): Partial<CallResult> {
    // In a trace time passes in steps of its own.
    if (this.recorder !== undefined && at > this.now) this.elapse(at);
    const outcome = this.machine.happen(event, at, same);
    this.now = at;
    this.finish(event, at, outcome);
    return outcome;
  }

  private finish(event: EventWith<SkBuff>, at: number, outcome: Partial<CallResult>): void {
    const sent = this.machine.takeSent();
    this.recorder?.record(event, at, outcome, sent);
    this.seen('wait' in event ? at + event.wait : at, sent);
  }
}

const same = (segment: SkBuff): SkBuff => segment;

/** Writes what happens as a trace. */
class Recorder {
  private readonly trace: TraceTaker;
  private readonly observer: Observer;
  private readonly synAcks: SynAcks = new Map();

  constructor(kernel: KernelVariant, options: SimulationOptions, machine: RunningMachine, trace: TraceTaker) {
    this.trace = trace;
    this.observer = new Observer(kernel, machine.host, trace.rows);
    const { hz = 1000, release = citedRelease(kernel.name), sockopt = {}, sysctl = {} } = options;
    const { sysctlErrors } = machine;
    trace.take({
      trace: 1,
      id: trace.id,
      kernel: { name: 'linux', release, variant: kernel.name, hz },
      origin: 'model',
      ...(trace.rows ? {} : { observes: { level: 'queues' } }),
      sysctl,
      ...(Object.keys(sysctlErrors).length > 0 ? { sysctlErrors } : {}),
      sockopt,
    });
  }

  record(event: EventWith<SkBuff>, at: number, outcome: Partial<CallResult>, sent: readonly Sent[]): void {
    const inTrace: TraceEvent =
      'segments' in event ? { segments: event.segments.map((one) => this.arrived(one)) } : event;
    const out = sent.map((segment) => {
      const { peer, flags, ...numbers } = sentInTrace(segment, this.synAcks);
      return { at: Math.ceil(segment.at), peer, flags, ...numbers };
    });
    const observed = this.observer.observe('wait' in event ? at + event.wait : at);
    this.trace.take({ at, event: inTrace, ...outcome, out, observed });
  }

  /** A trace gives an acknowledgement number relative to the number of the last SYN-ACK to that peer. */
  private arrived({ peer, syn, ack, rst, fin, psh, seq, ack_seq, len }: SkBuff): ArrivingSegment {
    const flags: Flag[] = [];
    if (fin) flags.push('FIN');
    if (syn) flags.push('SYN');
    if (rst) flags.push('RST');
    if (psh) flags.push('PSH');
    if (ack) flags.push('ACK');
    const last = this.synAcks.get(peer);
    const relative =
      last === undefined
        ? ({ of: 'nothing', plus: ack_seq } as const)
        : ({ of: 'synack', plus: (ack_seq - last) | 0 } as const);
    return { peer, flags, seq, ...(ack ? { ack: relative } : {}), ...(len > 0 ? { len } : {}) };
  }
}
