/** Subjects for tests: the models, and models with something wrong. */

import type { Capabilities, Subject, SubjectObservation, SubjectOutcome } from '../../src/conformance/index.js';
import { modelSubject } from '../../src/conformance/index.js';
import type { SubjectEvent } from '../../src/conformance/subject.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Machine } from '../../src/linux-4.15/machine.js';

/** What a subject's answers are changed into. */
export interface Changes {
  readonly capabilities?: Partial<Capabilities>;
  readonly reset?: () => unknown;
  readonly apply?: (outcome: SubjectOutcome, event: SubjectEvent) => unknown;
  readonly observe?: (observation: SubjectObservation) => unknown;
}

/** A model whose answers are changed on their way out. */
export function changed(kernel: KernelVariant, changes: Changes): Subject {
  const { clock, ...declared } = changes.capabilities ?? {};
  const model = modelSubject(kernel, { capabilities: declared });
  return {
    capabilities: { ...model.capabilities, ...(clock === undefined ? {} : { clock }) },
    reset: async (configuration) => {
      const answer = await model.reset(configuration);
      return (changes.reset === undefined ? answer : changes.reset()) as typeof answer;
    },
    apply: async (event, at) => {
      const outcome = await model.apply(event, at);
      return (changes.apply === undefined ? outcome : changes.apply(outcome, event)) as SubjectOutcome;
    },
    observe: async () => {
      const observation = await model.observe();
      return (changes.observe === undefined ? observation : changes.observe(observation)) as SubjectObservation;
    },
  };
}

/** A 4.15 that never shows one of its counters. */
export const withoutCounter = (name: string): Subject =>
  changed(linux_4_15, {
    observe: ({ counters = {}, ...rest }) => ({
      ...rest,
      counters: Object.fromEntries(Object.entries(counters).filter(([key]) => key !== name)),
    }),
  });

/** A 4.15 whose `accept` takes the newest connection. */
export const newestFirst: KernelVariant = {
  ...linux_4_15,
  call: (host, call) => {
    const queue = (host as Machine).listener?.icsk_accept_queue;
    if (queue === undefined || call.syscall !== 'accept') return linux_4_15.call(host, call);
    turn(queue);
    const outcome = linux_4_15.call(host, call);
    turn(queue);
    return outcome;
  },
};

/** Turns the accept queue round. */
function turn(queue: NonNullable<Machine['listener']>['icsk_accept_queue']): void {
  let turned: typeof queue.rskq_accept_head;
  queue.rskq_accept_tail = queue.rskq_accept_head;
  for (let req = queue.rskq_accept_head; req !== undefined; ) {
    const next = req.dl_next;
    req.dl_next = turned;
    turned = req;
    req = next;
  }
  queue.rskq_accept_head = turned;
}
