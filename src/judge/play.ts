/** Plays one step of a trace on a hypothesis and holds everything that was observed against it. */

import type { Fault, Step } from '../generated/types.js';
import { type CounterName, TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import type { SkBuff } from '../host/segment.js';
import type { KernelVariant } from '../host/variant.js';
import { arriving } from '../trace/segments.js';
import { Contradiction } from './contradiction.js';
import { sameErrno } from './errno.js';
import type { Hypothesis } from './hypothesis.js';
import type { SearchEnvironment } from './search-environment.js';
import { UnknownSynTable } from './unknown-syn-table.js';

/** What a play needs besides the hypothesis. */
export interface Stage {
  readonly variant: KernelVariant;
  readonly env: SearchEnvironment;
}

/**
 * Changes `hypothesis` into what it is after `step`.
 * @throws Contradiction at the first observation that does not fit.
 */
export function play(stage: Stage, hypothesis: Hypothesis, step: Step): void {
  const { env } = stage;
  const { at, event, observed } = step;
  const { host } = hypothesis;
  host.fired = [];
  host.log = [];
  host.faults = 'faults' in event && event.faults !== undefined ? new Set(event.faults) : NO_FAULTS;
  const segments = 'segments' in event ? event.segments.map((one) => arriving(one, hypothesis.synAcks)) : [];
  env.matchUnseen();
  if ('syscall' in event) {
    elapse(stage, hypothesis, at, at);
    env.onEvent(at, observed.at);
    call(stage, hypothesis, step);
  } else if ('segments' in event) {
    arrive(stage, hypothesis, step, segments);
  } else if ('sysctl' in event) {
    elapse(stage, hypothesis, at, at);
    let refused: string | undefined;
    for (const [name, value] of Object.entries(event.sysctl)) {
      const result = stage.variant.writeSysctl(hypothesis.host, name, value);
      if (result !== 0) refused ??= result;
    }
    expectResult(refused ?? 0, step.result);
  }
  elapse(stage, hypothesis, observed.at, observed.at);
  const more = env.nextSeen;
  if (more !== undefined)
    throw new Contradiction(`out[${env.matched}]`, 'nothing more', { peer: more.peer, flags: more.flags });
  read(stage, hypothesis, step);
}

const NO_FAULTS: ReadonlySet<Fault> = new Set();

/** Fires the timers of every tick that begins before an event which happens between `lo` and `hi`. */
function elapse({ env }: Stage, { host }: Hypothesis, lo: number, hi: number): void {
  for (;;) {
    const tick = host.timers.next(host, hi);
    if (tick === undefined || tick.lo > hi) return;
    if (tick.hi > lo && env.choose(2, 'timer before or after an event') === 1) return;
    env.onTick(tick.lo, tick.hi);
    host.timers.run(host);
  }
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
function arrive(stage: Stage, hypothesis: Hypothesis, { at, out, observed }: Step, segments: readonly SkBuff[]): void {
  const { env, variant } = stage;
  const { host } = hypothesis;
  const end = env.matched < out.length ? Math.max(at, env.nextSeen?.at ?? at) : observed.at;
  const share = (Math.min(end, observed.at) - at) / (segments.length + 1);
  let earlier = at;
  segments.forEach((segment, i) => {
    const when = at + share * (i + 1);
    elapse(stage, hypothesis, earlier, observed.at);
    host.now = when;
    env.onEvent(at, observed.at);
    variant.receive(host, segment);
    earlier = at;
  });
}

/** The reads at the end of a step, one after the other; a timer may fire between any two. */
function read(stage: Stage, hypothesis: Hypothesis, { observed }: Step): void {
  const { host } = hypothesis;
  const { variant } = stage;
  const pass = (): void => elapse(stage, hypothesis, observed.at, observed.until);
  pass();
  expectListener(variant.listener(host), observed.listener);
  pass();
  let listed = readCounters(hypothesis, TCP, observed.counters);
  pass();
  listed += readCounters(hypothesis, TCP_EXT, observed.counters);
  expectNoOthers(hypothesis, observed.counters, listed);
  pass();
  if (observed.sockets !== undefined) expectSockets(stage, hypothesis, observed.sockets);
}

const TCP: ReadonlySet<string> = new Set(TCP_ROW);
const TCP_EXT: ReadonlySet<string> = new Set(TCP_EXT_ROW);

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

/** A counter that never moved must not be listed as moved, and one that the model does not know not at all. */
function expectNoOthers({ host }: Hypothesis, seen: Counters, listed: number): void {
  const names = Object.keys(seen);
  if (names.length === listed) return;
  const other = names.find(
    (name) =>
      host.counters[name as CounterName] === undefined && (seen[name] !== 0 || !(TCP.has(name) || TCP_EXT.has(name))),
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

const sameRow = (a: Row, b: Row): boolean =>
  a.state === b.state && a.retransmits === b.retransmits && a.accepted === b.accepted;
