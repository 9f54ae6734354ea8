/**
 * A reference model behind the conformance protocol (docs/protocol.md): `node --import tsx model-subject.ts KERNEL [SEED]`, where
 * KERNEL is 2.6.32 or 4.15. It conforms at every level, and shows how little an adapter has to do.
 */

import { createInterface } from 'node:readline';
import {
  type ArrivingSegment,
  KERNELS,
  type KernelVariant,
  kernelNamed,
  type SentSegment,
  Simulation,
  type TraceEvent,
} from 'tcp-backlog-spec';
import type {
  AdapterAnswer,
  AdapterRequest,
  Capabilities,
  ResetRequest,
  SegmentFromSubject,
  SegmentToSubject,
  SubjectEvent,
  SubjectObservation,
  SubjectOutcome,
} from 'tcp-backlog-spec/conformance';

const [name = '4.15', seed = '0'] = process.argv.slice(2);
const kernel = kernelNamed(name);
if (kernel === undefined) throw new Error(`no such kernel: ${name}`);

const capabilities: Capabilities = {
  name: `model of ${kernel.name}`,
  version: '1',
  observes: { level: 'sockets' },
  clock: { kind: 'virtual' },
  features: [
    'segments',
    'segments-after-handshake',
    'data',
    'timestamps',
    'broadcast',
    'cookies',
    'listen-again',
    'listen-elsewhere',
    'shutdown',
    'close-listener',
    'close-connection',
    'sysctl-write',
    'faults',
  ],
  // Those of the other kernels, too: it knows that it refuses them.
  sysctls: [...new Set(KERNELS.flatMap((one) => Object.keys(new Simulation(one).host.sysctl)))],
  sockopts: ['TCP_DEFER_ACCEPT', 'TCP_SYNCNT', 'TCP_FASTOPEN'],
};

/**
 * A machine from one reset to the next. The simulation tells the numbers of its SYN-ACKs only as "a new one"; the protocol has absolute
 * numbers, so each new one gets a number here, and the numbers of all else follow from those.
 */
class Machine {
  readonly simulation: Simulation;
  private readonly numbers = new Map<number, number>();
  private nextNumber = 1_000_000;
  private readonly counters: Record<string, number> = {};
  private seen: SubjectObservation = {};

  constructor(kernel: KernelVariant, { sysctl, sockopt }: ResetRequest) {
    this.simulation = new Simulation(kernel, { sysctl, sockopt, seed: Number(seed) });
  }

  apply(event: SubjectEvent): SubjectOutcome {
    const { result, accepted, setupErrors, out, observed } = this.simulation.step(this.toTrace(event));
    for (const [counter, by] of Object.entries(observed.counters)) {
      this.counters[counter] = (this.counters[counter] ?? 0) + by;
    }
    const { listener, sockets = [] } = observed;
    this.seen = { counters: { ...this.counters }, sockets, ...(listener === undefined ? {} : { listener }) };
    return {
      ...(result === undefined ? {} : { result }),
      ...(accepted === undefined ? {} : { accepted }),
      ...(setupErrors === undefined ? {} : { setupErrors }),
      out: out.map((segment) => this.fromTrace(segment)),
    };
  }

  observe(): SubjectObservation {
    return this.seen;
  }

  private toTrace(event: SubjectEvent): TraceEvent {
    if (!('segments' in event)) return event;
    return { ...event, segments: event.segments.map((segment) => this.arriving(segment)) };
  }

  private arriving({ ack, ...segment }: SegmentToSubject): ArrivingSegment {
    if (ack === undefined) return segment;
    if (typeof ack !== 'number') return { ...segment, ack };
    const number = this.numbers.get(segment.peer);
    if (number === undefined) return { ...segment, ack: { of: 'nothing', plus: ack } };
    return { ...segment, ack: { of: 'synack', plus: (ack - number) >>> 0 } };
  }

  private fromTrace({ newIsn, seq, ...segment }: SentSegment): SegmentFromSubject {
    if (newIsn === true) {
      this.nextNumber += 64_000;
      this.numbers.set(segment.peer, this.nextNumber);
    }
    const base = seq.of === 'synack' ? (this.numbers.get(segment.peer) ?? 0) : 0;
    return { ...segment, seq: (base + seq.plus) >>> 0 };
  }
}

let machine: Machine | undefined;

const answer = (request: AdapterRequest): AdapterAnswer => {
  const { type, id } = request;
  if (type === 'hello') return { type, id, protocol: 1, capabilities };
  if (type === 'stop') return { type, id };
  if (type === 'reset') {
    machine = new Machine(kernel, request);
    const refused = machine.simulation.sysctlErrors;
    return { type, id, ...(Object.keys(refused).length > 0 ? { refused } : {}) };
  }
  if (machine === undefined) return { type: 'error', id, message: 'there was no reset' };
  if (type === 'observe') return { type, id, observation: machine.observe() };
  return { type, id, outcome: machine.apply(request.event) };
};

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const request = JSON.parse(line) as AdapterRequest;
  process.stdout.write(`${JSON.stringify(answer(request))}\n`);
  if (request.type === 'stop') input.close();
});
