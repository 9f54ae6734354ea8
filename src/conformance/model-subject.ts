/** A kernel's model as a subject: what conforms by definition, and what faulty variants of a kernel are tried with. */

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
import { Clock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import { citedRelease } from '../host/kernel-spec.js';
import type { SkBuff } from '../host/segment.js';
import type { KernelVariant } from '../host/variant.js';
import { SeededEnvironment } from '../run/environment.js';
import { sees } from '../trace/level.js';
import { arriving, type SynAcks, sent } from '../trace/segments.js';
import type { Configuration, Refusal, Subject } from './subject.js';

/** What may be said of a model that is to be a subject. */
export interface ModelSubjectOptions {
  /** Settles what the kernel leaves to chance, anew after each reset. Default 0. */
  readonly seed?: number;
  /** What it declares in place of everything that it can do: a lower level of observation, fewer features, … The clock is always virtual. */
  readonly capabilities?: Partial<Omit<Capabilities, 'clock'>>;
}

/** Everything that a scenario may need. */
export const FEATURES: readonly Feature[] = [
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
];

/** The model of `kernel` as a subject. It can be put through everything and shows everything, unless `options` say otherwise. */
export function modelSubject(kernel: KernelVariant, options: ModelSubjectOptions = {}): Subject {
  const { seed = 0, capabilities: declared = {} } = options;
  const capabilities: Capabilities = {
    name: `model of ${kernel.name}`,
    version: citedRelease(kernel.name),
    observes: { level: 'sockets' },
    clock: { kind: 'virtual' },
    features: FEATURES,
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
      machine = new Machine(kernel, capabilities, configuration, seed);
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
  readonly #env: SeededEnvironment;
  readonly #host: Host;
  /** For acknowledgement numbers that come relative. */
  readonly #synAcks: SynAcks = new Map();

  constructor(kernel: KernelVariant, capabilities: Capabilities, { sysctl, sockopt }: Configuration, seed: number) {
    const { hz = 1000, release } = capabilities;
    this.#kernel = kernel;
    this.#capabilities = capabilities;
    this.#env = new SeededEnvironment(seed);
    const env = this.#env;
    const clock = Clock.known(hz, env.choose(1_000_000 / hz), env.choose(2 ** 20), env.choose(60_000_000));
    this.#host = kernel.boot(this.#env, clock, sockopt, release ?? citedRelease(kernel.name));
    const refused: Record<string, string> = {};
    for (const [name, value] of Object.entries(sysctl)) {
      const errno = kernel.writeSysctl(this.#host, name, value);
      if (errno !== 0) refused[name] = errno;
    }
    this.refusal = { refused };
  }

  apply(event: SubjectEvent, at: number): SubjectOutcome {
    const host = this.#host;
    host.faults = new Set('faults' in event ? event.faults : []);
    this.#elapse(at);
    host.now = at;
    this.#env.time = at;
    const outcome = this.#happen(event, at);
    const out = this.#takeSent();
    return sees(this.#capabilities, 'segments') ? { ...outcome, out } : outcome;
  }

  observe(): SubjectObservation {
    const host = this.#host;
    const listener = this.#kernel.listener(host);
    return {
      counters: { ...host.counters },
      ...(listener !== undefined && sees(this.#capabilities, 'queues') ? { listener } : {}),
      ...(sees(this.#capabilities, 'sockets') ? { sockets: this.#kernel.sockets(host) } : {}),
    };
  }

  #happen(event: SubjectEvent, at: number): SubjectOutcome {
    const host = this.#host;
    if ('syscall' in event) return this.#kernel.call(host, event);
    if ('segments' in event) {
      const segments = event.segments.map((segment) => this.#arriving(segment));
      for (const segment of segments) this.#kernel.receive(host, segment);
      return {};
    }
    if ('wait' in event) {
      this.#elapse(at + event.wait);
      return {};
    }
    const results = Object.entries(event.sysctl).map(([name, value]) => this.#kernel.writeSysctl(host, name, value));
    return { result: results.find((result) => result !== 0) ?? 0 };
  }

  #arriving({ ack, ...segment }: SegmentToSubject): SkBuff {
    if (typeof ack !== 'number') return arriving(ack === undefined ? segment : { ...segment, ack }, this.#synAcks);
    return arriving({ ...segment, ack: { of: 'nothing', plus: ack } }, this.#synAcks);
  }

  /** Fires the timers of all ticks that begin up to `until`. */
  #elapse(until: number): void {
    const host = this.#host;
    for (;;) {
      const tick = host.timers.next(host, until);
      if (tick === undefined || tick.lo > until) return;
      this.#env.time = Math.max(tick.lo, this.#env.time);
      host.timers.run(host);
    }
  }

  #takeSent(): SegmentFromSubject[] {
    const taken = this.#env.sent.map((segment) => {
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
    this.#env.sent = [];
    return taken;
  }
}
