/** What the kit tests: anything that can be put through a scenario and lets some of what it does be seen. */

import type {
  Capabilities,
  ResetAnswer,
  ResetRequest,
  SubjectEvent,
  SubjectObservation,
  SubjectOutcome,
} from '../generated/types.js';

export type { Capabilities, Feature, SubjectEvent, SubjectObservation, SubjectOutcome } from '../generated/types.js';

/** The settings with which a scenario starts. */
export type Configuration = Pick<ResetRequest, 'sysctl' | 'sockopt'>;

/** What a subject refused of a configuration, and for how long its machine has been up. */
export type Refusal = Pick<ResetAnswer, 'refused' | 'uptime'>;

/** A value, or the promise of one. */
export type Awaitable<T> = T | Promise<T>;

/**
 * An implementation under test. Its methods are called one at a time: {@link reset}, then {@link apply} for each event, and after each event
 * {@link observe} from the level `counters` on. Whatever they throw ends the whole test: the subject is broken, which is not a verdict.
 */
export interface Subject {
  /** Who it is, what it can do, and what it lets be seen. Does not change. */
  readonly capabilities: Capabilities;
  /** Forgets everything: a new machine with these settings, one process, no socket, at time 0. */
  reset(configuration: Configuration): Awaitable<Refusal | undefined>;
  /** Lets an event happen. `at`: µs since the reset; with a real clock it says nothing. */
  apply(event: SubjectEvent, at: number): Awaitable<SubjectOutcome>;
  /** Says what can be seen now. */
  observe(): Awaitable<SubjectObservation>;
  /** Lets go of everything. Called once, also after something went wrong. */
  stop?(): Awaitable<void>;
}

/** The subject, or what it runs on, failed: it died, hung, or talked nonsense. The message is for people. */
export class SubjectError extends Error {
  override readonly name = 'SubjectError';
}
