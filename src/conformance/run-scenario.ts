/**
 * Puts a subject through a scenario and writes down what it did, as a trace. A trace's numbers are relative where a subject's are
 * absolute: the server's sequence numbers count from its last SYN-ACK to a peer, and counters from the step before.
 */

import type {
  ArrivingSegment,
  Capabilities,
  Flag,
  Observed,
  SegmentFromSubject,
  SegmentToSubject,
  SentSegment,
  Step,
  SubjectEvent,
  SubjectObservation,
  TraceEvent,
  TraceHeader,
} from '../generated/types.js';
import { citedRelease } from '../host/kernel-spec.js';
import type { OutSegment } from '../host/segment.js';
import type { KernelVariant } from '../host/variant.js';
import type { Scenario, Trace } from '../run/scenario.js';
import { TraceChecker } from '../trace/check.js';
import { sees } from '../trace/level.js';
import { type Problem, problemAt } from '../trace/problem.js';
import { arriving, countedFromSynAcks, type SynAcks, sent } from '../trace/segments.js';
import { type Awaitable, type Subject, SubjectError } from './subject.js';
import { checkObservation, checkOutcome, checkRefused, checkUptime } from './subject-answer.js';

/**
 * Resets the subject, lets every event of the scenario happen, and looks at it after each as far as it lets itself be seen. Settings that it
 * does not know are left out, and so keep the kernel's defaults: see the header of the trace.
 * @param id name of the trace and of the scenario in messages; printable ASCII
 * @throws SubjectError naming the scenario, the step and the place, when the subject fails or its answer cannot be one
 */
export async function runScenario(
  subject: Subject,
  kernel: KernelVariant,
  scenario: Scenario,
  id = 'scenario',
): Promise<Trace> {
  const run = new Run(subject, id);
  const header = await run.reset(kernel, scenario);
  const steps: Step[] = [];
  for (const event of scenario.events) steps.push(await run.step(event));
  return { header, steps };
}

class Run {
  readonly #subject: Subject;
  readonly #id: string;
  readonly #checker = new TraceChecker();
  readonly #synAcks: SynAcks = new Map();
  #counters: Readonly<Record<string, number>> = {};
  /** µs since the reset: what the kit's clock shows. */
  #time = 0;
  #steps = 0;

  constructor(subject: Subject, id: string) {
    this.#subject = subject;
    this.#id = id;
  }

  async reset(kernel: KernelVariant, scenario: Scenario): Promise<TraceHeader> {
    const { capabilities } = this.#subject;
    const sysctl = only(scenario.sysctl, capabilities.sysctls);
    const sockopt = only(scenario.sockopt as Readonly<Record<string, number>>, capabilities.sockopts);
    const place = 'reset';
    const answer = await this.#ask(place, () => this.#subject.reset({ sysctl, sockopt }));
    const { refused = {}, uptime } = answer ?? {};
    this.#refuse(place, checkRefused(answer?.refused, sysctl) ?? checkUptime(uptime));
    const header = headerOf(kernel, capabilities, this.#id, { sysctl, sockopt, refused, uptime });
    this.#refuse(place, this.#checker.header(header));
    return header;
  }

  async step(event: TraceEvent): Promise<Step> {
    this.#steps += 1;
    const place = `step ${this.#steps}, ${kindOf(event)}`;
    const { capabilities } = this.#subject;
    const told = sees(capabilities, 'segments') ? countedFromSynAcks(event, this.#synAcks) : event;
    const outcome = await this.#ask(place, () => this.#subject.apply(this.#forSubject(event), this.#time));
    this.#refuse(place, checkOutcome(outcome, capabilities));
    const at = outcome.at ?? this.#time;
    const out = (outcome.out ?? []).map((segment) => this.#sent(segment, at));
    const end = Math.max(at + ('wait' in event ? event.wait : 0), out.at(-1)?.at ?? 0);
    this.#time += 'wait' in event ? event.wait : 0;
    const unseen = capabilities.clock.kind === 'real' ? end : this.#time;
    const observed = sees(capabilities, 'counters')
      ? await this.#observe(place)
      : { at: unseen, counters: {}, until: unseen };
    const { result, accepted, setupErrors } = outcome;
    const step: Step = {
      at,
      event: told,
      ...(result === undefined ? {} : { result }),
      ...(accepted === undefined ? {} : { accepted }),
      ...(setupErrors === undefined ? {} : { setupErrors }),
      out,
      observed,
    };
    this.#refuse(place, this.#checker.step(step));
    return step;
  }

  /** The event as the subject is told it. */
  #forSubject(event: TraceEvent): SubjectEvent {
    if (!('segments' in event)) return event;
    if (!sees(this.#subject.capabilities, 'segments')) return event;
    return { ...event, segments: event.segments.map((segment) => absolute(segment, this.#synAcks)) };
  }

  /** A segment of the subject as a trace writes it. */
  #sent(segment: SegmentFromSubject, at: number): SentSegment {
    const { peer, flags, ...numbers } = sent(outSegment(segment), this.#synAcks);
    return { at: segment.at ?? at, peer, flags, ...numbers };
  }

  async #observe(place: string): Promise<Observed> {
    const { capabilities } = this.#subject;
    const seen: SubjectObservation = await this.#ask(place, () => this.#subject.observe());
    this.#refuse(place, checkObservation(seen, capabilities));
    const { at = this.#time, until = at, listener, sockets } = seen;
    return {
      at,
      ...(listener === undefined ? {} : { listener }),
      ...(sockets === undefined ? {} : { sockets }),
      counters: this.#moved(place, seen.counters ?? {}),
      until,
    };
  }

  /** By how much the counters have changed. Those that the subject did not say it would show are left out. */
  #moved(place: string, counters: Readonly<Record<string, number>>): Record<string, number> {
    const shown = this.#subject.capabilities.observes.counters;
    const moved: Record<string, number> = {};
    for (const name of new Set([...Object.keys(this.#counters), ...Object.keys(counters)])) {
      const value = counters[name] ?? 0;
      const by = value - (this.#counters[name] ?? 0);
      if (by < 0)
        this.#refuse(place, problemAt(['counters', name], `it shrinks by ${-by}: counters count since the reset`));
      if (by > 0 && (shown === undefined || shown.includes(name))) moved[name] = by;
    }
    this.#counters = counters;
    return moved;
  }

  async #ask<T>(place: string, question: () => Awaitable<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw new SubjectError(`${this.#id}, ${place}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }

  #refuse(place: string, problem: Problem | undefined): void {
    if (problem === undefined) return;
    throw new SubjectError(`${this.#id}, ${place}: ${problem.path}: ${problem.message}`);
  }
}

/** The header of the trace that a subject is going to make. */
function headerOf(
  kernel: KernelVariant,
  { hz = 1000, release = citedRelease(kernel.name), observes, clock }: Capabilities,
  id: string,
  settings: {
    readonly sysctl: Readonly<Record<string, number>>;
    readonly sockopt: Readonly<Record<string, number>>;
    readonly refused: Readonly<Record<string, string>>;
    readonly uptime: number | undefined;
  },
): TraceHeader {
  const everything = observes.level === 'sockets' && observes.counters === undefined;
  return {
    trace: 1,
    id,
    kernel: {
      name: 'linux',
      release,
      variant: kernel.name,
      hz,
      ...(settings.uptime === undefined ? {} : { uptime: settings.uptime }),
    },
    origin: 'subject',
    ...(everything ? {} : { observes }),
    ...(clock.kind === 'real' ? { tolerance: clock.tolerance } : {}),
    sysctl: settings.sysctl,
    ...(Object.keys(settings.refused).length > 0 ? { sysctlErrors: settings.refused } : {}),
    sockopt: settings.sockopt,
  };
}

/** The segment with an acknowledgement number that can be put on a wire. */
function absolute(segment: ArrivingSegment, synAcks: SynAcks): SegmentToSubject {
  const { ack, ...rest } = segment;
  return ack === undefined ? rest : { ...rest, ack: arriving(segment, synAcks).ack_seq };
}

function outSegment({ peer, flags, seq, ack = 0, len = 0 }: SegmentFromSubject): OutSegment {
  const has = (flag: Flag): boolean => flags.includes(flag);
  return {
    peer,
    syn: has('SYN'),
    ack: has('ACK'),
    rst: has('RST'),
    fin: has('FIN'),
    psh: has('PSH'),
    seq,
    ack_seq: ack,
    len,
    rule: '',
  };
}

function only(settings: Readonly<Record<string, number>>, known: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => known.includes(name)));
}

/** `segments`, `wait`, `sysctl`, or the name of the system call. */
function kindOf(event: TraceEvent): string {
  if ('syscall' in event) return event.syscall;
  return 'segments' in event ? 'segments' : 'wait' in event ? 'wait' : 'sysctl';
}
