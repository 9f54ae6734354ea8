/** Plays one step of a trace on a hypothesis and holds everything that was observed against it. */

import type { Fault, Step } from '../generated/types.js';
import type { Interval } from '../host/clock.js';
import type { CounterName } from '../host/counters.js';
import type { KernelVariant } from '../host/variant.js';
import { arriving } from '../trace/segments.js';
import { Contradiction } from './contradiction.js';
import { sameErrno } from './errno.js';
import type { Hypothesis } from './hypothesis.js';
import type { SearchEnvironment } from './search-environment.js';
import { UnknownSynTable } from './unknown-syn-table.js';
import { UnseenTimers } from './unseen-timers.js';
import type { View } from './view.js';

/** What a play needs besides the hypothesis. */
export interface Stage {
  readonly variant: KernelVariant;
  readonly env: SearchEnvironment;
}

/**
 * Changes `hypothesis` into what it is after `step`.
 * @param only the index of the one segment to handle out of those that arrive; by default all
 * @throws Contradiction at the first observation that does not fit.
 */
export function play(stage: Stage, hypothesis: Hypothesis, step: Step, only?: number): void {
  const { env } = stage;
  const { at, event, observed } = step;
  const { host } = hypothesis;
  host.fired = [];
  host.log = [];
  host.faults = 'faults' in event && event.faults !== undefined ? new Set(event.faults) : NO_FAULTS;
  hypothesis.sights?.begin();
  if ('segments' in event && (only ?? 0) === 0) {
    hypothesis.burst = event.segments.map((one) => arriving(one, hypothesis.synAcks));
  }
  env.matchUnseen();
  if ('syscall' in event) {
    elapse(stage, hypothesis, at, at);
    env.onEvent(at, observed.at);
    call(stage, hypothesis, step);
    hypothesis.sights?.look(stage.variant, host, at, step.accepted);
  } else if ('segments' in event) {
    arrive(stage, hypothesis, step, only);
  } else if ('sysctl' in event) {
    elapse(stage, hypothesis, at, at);
    let refused: string | undefined;
    for (const [name, value] of Object.entries(event.sysctl)) {
      const result = stage.variant.writeSysctl(hypothesis.host, name, value);
      if (result !== 0) refused ??= result;
    }
    expectResult(refused ?? 0, step.result);
    hypothesis.sights?.look(stage.variant, host, at);
  }
  if (!env.view.segments) {
    if ('wait' in event) wait(stage, hypothesis, observed.at);
    return;
  }
  elapse(stage, hypothesis, observed.at, observed.at);
  const more = env.nextSeen;
  if (more !== undefined)
    throw new Contradiction(`out[${env.matched}]`, 'nothing more', { peer: more.peer, flags: more.flags });
  read(stage, hypothesis, step);
}

const NO_FAULTS: ReadonlySet<Fault> = new Set();

/** Fires the timers of every tick that begins before an event which happens between `lo` and `hi`. */
function elapse(stage: Stage, hypothesis: Hypothesis, lo: number, hi: number): void {
  const { env } = stage;
  const { host } = hypothesis;
  const { timers } = host;
  const unseen = timers instanceof UnseenTimers ? timers : undefined;
  const late = unseen === undefined ? env.view.late : 0;
  for (let tick = timers.next(host, hi); tick !== undefined && tick.lo <= hi; tick = timers.next(host, hi)) {
    if (tick.hi + late > lo && env.choose(2, 'timer before or after an event') === 1) {
      if (unseen === undefined) return;
      unseen.putOff(lo);
      continue;
    }
    tickRuns(stage, hypothesis, tick);
  }
  unseen?.eventHappens();
}

/** Fires the timers of a tick. */
function tickRuns({ env, variant }: Stage, { host, sights }: Hypothesis, tick: Interval): void {
  const next = env.nextSeen;
  env.onTick(tick.lo, tick.hi);
  host.timers.run(host);
  sights?.look(variant, host, next !== undefined && env.nextSeen !== next ? next.at : tick.lo);
}

/** Fires the timers of every tick that has surely begun by `now`, while nothing else happens. */
function wait(stage: Stage, hypothesis: Hypothesis, now: number): void {
  const { env } = stage;
  const { host } = hypothesis;
  const { timers } = host;
  const unseen = timers instanceof UnseenTimers ? timers : undefined;
  const late = unseen === undefined ? env.view.late : 0;
  for (let tick = timers.next(host, now); tick !== undefined && tick.lo <= now; tick = timers.next(host, now)) {
    if (tick.hi + late > now) {
      if (unseen === undefined) return;
      if (unseen.leave()) continue;
      if (env.choose(2, 'timer before or after an event') === 1) {
        unseen.putOff(now);
        continue;
      }
    }
    tickRuns(stage, hypothesis, tick);
  }
  unseen?.eventHappens();
}

function call({ variant }: Stage, { host }: Hypothesis, { at, event, result, accepted, setupErrors = {} }: Step): void {
  if (!('syscall' in event)) return;
  host.now = at;
  const done = variant.call(host, event);
  expectResult(done.result, result);
  if (done.accepted !== accepted) throw new Contradiction('accepted', done.accepted ?? 'absent', accepted ?? 'absent');
  for (const name of new Set([...Object.keys(setupErrors), ...Object.keys(done.setupErrors ?? {})])) {
    const expected = done.setupErrors?.[name];
    const seen = setupErrors[name];
    if (!sameErrno(expected, seen))
      throw new Contradiction(`setupErrors.${name}`, expected ?? 'absent', seen ?? 'absent');
  }
}

function expectResult(expected: 0 | string, seen: 0 | string | undefined): void {
  if (!sameErrno(expected, seen)) throw new Contradiction('result', expected, seen ?? 'absent');
}

/** A burst takes its time: its segments are spread evenly over it. */
function arrive(stage: Stage, hypothesis: Hypothesis, { at, out, observed }: Step, only: number | undefined): void {
  const { env, variant } = stage;
  const { host, burst } = hypothesis;
  const answered = env.view.segments && env.matched < out.length;
  const end = answered ? Math.max(at, env.nextSeen?.at ?? at) : observed.at;
  const share = (Math.min(end, observed.at) - at) / (burst.length + 1);
  burst.forEach((segment, i) => {
    if (only !== undefined && only !== i) return;
    elapse(stage, hypothesis, at, observed.at);
    host.now = at + share * (i + 1);
    env.onEvent(at, observed.at);
    variant.receive(host, segment);
    hypothesis.sights?.look(variant, host, host.now, segment.peer);
    if (i === burst.length - 1) hypothesis.burst = [];
  });
}

/** The reads at the end of a step, one after the other; a timer may fire between any two, or in the middle of one. */
function read(stage: Stage, hypothesis: Hypothesis, { observed }: Step): void {
  const { host } = hypothesis;
  const { variant } = stage;
  const { view } = stage.env;
  const pass = (): void => elapse(stage, hypothesis, observed.at, observed.until);
  if (view.listener) {
    pass();
    expectListener(variant.listener(host), observed.listener);
  }
  let listed = 0;
  for (const row of view.counterRows) {
    pass();
    const before = fireWithin(stage, hypothesis, observed, () => ({ ...host.counters }));
    listed +=
      before === undefined
        ? readCounters(hypothesis, row, observed.counters)
        : readCountersAcross(hypothesis, row, before, observed.counters);
  }
  expectNoOthers(hypothesis, view, observed.counters, listed);
  if (view.sockets) {
    pass();
    const before = fireWithin(stage, hypothesis, observed, () => variant.sockets(host));
    if (observed.sockets === undefined) return;
    if (before === undefined) expectSockets(stage, hypothesis, observed.sockets);
    else expectSocketsAcross(stage, hypothesis, before, observed.sockets);
  }
}

/**
 * Fires the timers of a tick in the middle of a read, if one may begin then and that is to be tried; the result is what `look` saw before it.
 * A table of requests is read under a lock.
 */
function fireWithin<T>(
  stage: Stage,
  hypothesis: Hypothesis,
  { at, until }: Step['observed'],
  look: () => T,
): T | undefined {
  const { env, variant } = stage;
  const { host } = hypothesis;
  const { timers } = host;
  if (variant.synTable !== undefined || timers instanceof UnseenTimers) return undefined;
  const tick = timers.next(host, until);
  if (tick === undefined || tick.lo > until || tick.hi + env.view.late <= at) return undefined;
  if (env.choose(2, 'timer in the middle of a read') === 0) return undefined;
  const before = look();
  tickRuns(stage, hypothesis, tick);
  return before;
}

function expectListener(expected: ReturnType<KernelVariant['listener']>, seen: Step['observed']['listener']): void {
  if (expected === undefined || seen === undefined) {
    if (expected !== seen) throw new Contradiction('observed.listener', expected ?? 'absent', seen ?? 'absent');
    return;
  }
  for (const field of ['state', 'acceptQueue', 'maxAcceptQueue'] as const) {
    if (expected[field] !== seen[field])
      throw new Contradiction(`observed.listener.${field}`, expected[field], seen[field]);
  }
}

/** Holds the counters of a file against those that moved; returns how many of the latter are listed. */
function readCounters({ host, read }: Hypothesis, row: ReadonlySet<string>, seen: Counters): number {
  const { counters } = host;
  let listed = 0;
  for (const key in counters) {
    if (!row.has(key)) continue;
    const name = key as CounterName;
    const now = counters[name] as number;
    const moved = now - (read[name] ?? 0);
    const observed = seen[name];
    if (moved !== (observed ?? 0)) throw new Contradiction(`observed.counters.${name}`, moved, observed ?? 0);
    if (observed !== undefined) listed += 1;
    if (moved !== 0) read[name] = now;
  }
  return listed;
}

/**
 * Holds the counters of a file against those that moved, where a timer fired while it was read: the columns up to some point show what was before,
 * and the others what came after. Returns how many of those that moved are listed.
 */
function readCountersAcross(
  hypothesis: Hypothesis,
  row: ReadonlySet<string>,
  before: Hypothesis['read'],
  seen: Counters,
): number {
  const { host, read } = hypothesis;
  let listed = 0;
  const split = new Split();
  const noted: Partial<Record<CounterName, number>> = {};
  for (const column of row) {
    const name = column as CounterName;
    const last = read[name] ?? 0;
    const observed = seen[name] ?? 0;
    split.next(observed, (before[name] ?? 0) - last, (host.counters[name] ?? 0) - last);
    if (host.counters[name] !== undefined && seen[name] !== undefined) listed += 1;
    if (observed !== 0) noted[name] = last + observed;
  }
  if (!split.happened) {
    readCounters(hypothesis, row, seen);
    throw NOT_IN_THE_MIDDLE;
  }
  Object.assign(read, noted);
  return listed;
}

/** All that was read was as it is after the change: it came before the read, which is another way. */
const NOT_IN_THE_MIDDLE = new Contradiction('observed', 'a change in the middle of a read', 'none');

/** A read in the middle of which something changed: what is seen first is as it was before, and what is seen later as it is after. */
class Split {
  private sawBefore = false;
  private sawAfter = false;
  private possible = true;

  /** The next that is read. */
  next<T>(seen: T, before: T, after: T, same: (a: T, b: T) => boolean = Object.is): void {
    const isAfter = same(seen, after);
    if (same(before, after)) this.possible &&= isAfter;
    else if (isAfter) this.sawAfter = true;
    else if (same(seen, before) && !this.sawAfter) this.sawBefore = true;
    else this.possible = false;
  }

  /** Whether all that was read can be so, and something changed in the middle. */
  get happened(): boolean {
    return this.possible && this.sawBefore && this.sawAfter;
  }
}

/** A counter that never moved must not be listed as moved, and one that the model does not know not at all. */
function expectNoOthers(
  { host }: Hypothesis,
  { counterRows, seesCounter }: View,
  seen: Counters,
  listed: number,
): void {
  const names = Object.keys(seen);
  if (names.length === listed) return;
  const other = names.find(
    (name) =>
      seesCounter(name) &&
      host.counters[name as CounterName] === undefined &&
      (seen[name] !== 0 || !counterRows.some((row) => row.has(name))),
  );
  if (other !== undefined) throw new Contradiction(`observed.counters.${other}`, 0, seen[other]);
}

type Counters = Step['observed']['counters'];

type Row = NonNullable<Step['observed']['sockets']>[number];

const isRequest = (row: Row): boolean => row.state === 'SYN_RECV';

/** The rows in any order, but for those of a SYN table, whose order tells about its buckets. */
function expectSockets({ variant }: Stage, { host }: Hypothesis, seen: readonly Row[]): void {
  const table = variant.synTable?.(host);
  const ordered = table instanceof UnknownSynTable;
  const left = new Map<number, Row[]>();
  for (const row of variant.sockets(host)) {
    if (ordered && isRequest(row)) continue;
    const others = left.get(row.peer);
    if (others === undefined) left.set(row.peer, [row]);
    else others.push(row);
  }
  const requests: Row[] = [];
  seen.forEach((row, index) => {
    if (ordered && isRequest(row)) {
      if (row.accepted) throw new Contradiction(`observed.sockets[${index}].accepted`, false, true);
      requests.push(row);
      return;
    }
    const expected = left.get(row.peer) ?? [];
    const match = expected.findIndex((one) => sameRow(one, row));
    if (match < 0) throw new Contradiction(`observed.sockets[${index}]`, expected[0] ?? 'no row', row);
    if (expected.length === 1) left.delete(row.peer);
    else expected.splice(match, 1);
  });
  for (const [row] of left.values()) throw new Contradiction('observed.sockets', row, 'no row');
  if (ordered) table.settle(requests);
}

/** The rows, where a timer fired while they were read. None comes into being then. */
function expectSocketsAcross(stage: Stage, hypothesis: Hypothesis, before: readonly Row[], seen: readonly Row[]): void {
  const split = new Split();
  const left = [...stage.variant.sockets(hypothesis.host)];
  const take = (rows: Row[], { peer, state }: Row): Row | undefined => {
    const at = rows.findIndex((one) => one.peer === peer && one.state === state);
    return at < 0 ? undefined : rows.splice(at, 1)[0];
  };
  const later = new Map(before.map((row) => [row, take(left, row)]));
  const unread = [...before];
  for (const row of seen) {
    const known = take(unread, row);
    split.next<Row | undefined>(row, known, known && later.get(known), sameRowOrNone);
  }
  for (const row of unread) split.next<Row | undefined>(undefined, row, later.get(row), sameRowOrNone);
  if (split.happened) return;
  expectSockets(stage, hypothesis, seen);
  throw NOT_IN_THE_MIDDLE;
}

const sameRowOrNone = (a: Row | undefined, b: Row | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameRow(a, b);

const sameRow = (a: Row, b: Row): boolean =>
  a.state === b.state && a.retransmits === b.retransmits && a.accepted === b.accepted;
