/** A kernel's model as a subject: what conforms by definition, and what faulty variants of a kernel are tried with. */

import { FEATURES } from '../../properties/arbitraries/limits.js';
import { kernelSpecs } from '../generated/kernels.js';
import type {
  Capabilities,
  Feature,
  SegmentFromSubject,
  SegmentToSubject,
  SubjectEvent,
  SubjectObservation,
  SubjectOutcome,
} from '../generated/types.js';
import { citedRelease } from '../host/kernel-spec.js';
import type { SkBuff } from '../host/segment.js';
import type { KernelVariant } from '../host/variant.js';
import { RunningMachine, type SimulationOptions } from '../run/running-machine.js';
import { sees } from '../trace/level.js';
import { arriving, type SynAcks, sent } from '../trace/segments.js';
import type { Refusal, Subject } from './subject.js';

/** What may be said of a model that is to be a subject. */
export interface ModelSubjectOptions {
  /** Settles what the kernel leaves to chance, anew after each reset. Default 0. */
  readonly seed?: number;
  /** For how long the machine has been up at each reset, µs; it says so, too. Absent: for so long that nothing hangs on it. */
  readonly uptime?: number;
  /** What it declares in place of everything that it can do: a lower level of observation, fewer features, … The clock is always virtual. */
  readonly capabilities?: Partial<Omit<Capabilities, 'clock'>>;
}

/** The model of `kernel` as a subject. It can be put through everything and shows everything, unless `options` say otherwise. */
export function modelSubject(kernel: KernelVariant, options: ModelSubjectOptions = {}): Subject {
  const { seed = 0, capabilities: declared = {} } = options;
  const uptime = options.uptime === undefined ? {} : { uptime: options.uptime };
  const capabilities: Capabilities = {
    name: `model of ${kernel.name}`,
    version: citedRelease(kernel.name),
    observes: { level: 'sockets' },
    clock: { kind: 'virtual' },
    features: Object.keys(FEATURES) as Feature[],
    sysctls: SYSCTLS,
    sockopts: ['TCP_DEFER_ACCEPT', 'TCP_SYNCNT', 'TCP_FASTOPEN'],
    ...declared,
  };
  let machine: Machine | undefined;
  const running = (): Machine => {
    if (machine === undefined) throw new Error('it was never reset');
    return machine;
  };
  return {
    capabilities,
    reset: (configuration) => {
      machine = new Machine(kernel, capabilities, { ...configuration, ...uptime, seed });
      return machine.refusal;
    },
    apply: (event, at) => running().apply(event, at),
    observe: () => running().observe(),
  };
}

/** The names of all sysctls that one of the kernels has; those that another lacks are refused by its model. */
const SYSCTLS = [...new Set(Object.values(kernelSpecs).flatMap(({ sysctls }) => Object.keys(sysctls)))].sort();

/** A machine that runs the model, from one reset to the next. */
class Machine {
  /** What it refused of its configuration. */
  readonly refusal: Refusal;
  readonly #kernel: KernelVariant;
  readonly #capabilities: Capabilities;
  readonly #machine: RunningMachine;
  /** For acknowledgement numbers that come relative. */
  readonly #synAcks: SynAcks = new Map();

  constructor(kernel: KernelVariant, capabilities: Capabilities, options: SimulationOptions) {
    const { hz = 1000, release = citedRelease(kernel.name) } = capabilities;
    this.#kernel = kernel;
    this.#capabilities = capabilities;
    this.#machine = new RunningMachine(kernel, { ...options, hz, release });
    const { uptime } = options;
    this.refusal = { refused: this.#machine.sysctlErrors, ...(uptime === undefined ? {} : { uptime }) };
  }

  apply(event: SubjectEvent, at: number): SubjectOutcome {
    const outcome = this.#machine.happen(event, at, (segment) => this.#arriving(segment));
    const out = this.#takeSent();
    return sees(this.#capabilities, 'segments') ? { ...outcome, out } : outcome;
  }

  observe(): SubjectObservation {
    const { host } = this.#machine;
    const listener = this.#kernel.listener(host);
    return {
      counters: { ...host.counters },
      ...(listener !== undefined && sees(this.#capabilities, 'queues') ? { listener } : {}),
      ...(sees(this.#capabilities, 'sockets') ? { sockets: this.#kernel.sockets(host) } : {}),
    };
  }

  #arriving({ ack, ...segment }: SegmentToSubject): SkBuff {
    if (typeof ack !== 'number') return arriving(ack === undefined ? segment : { ...segment, ack }, this.#synAcks);
    return arriving({ ...segment, ack: { of: 'nothing', plus: ack } }, this.#synAcks);
  }

  #takeSent(): SegmentFromSubject[] {
    return this.#machine.takeSent().map((segment) => {
      const { flags, ack, len } = sent(segment, this.#synAcks);
      return {
        at: Math.ceil(segment.at),
        peer: segment.peer,
        flags,
        seq: segment.seq,
        ...(ack === undefined ? {} : { ack }),
        ...(len === undefined ? {} : { len }),
      };
    });
  }
}
