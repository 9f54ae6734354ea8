/**
 * The environment in which a step of a trace is played again. Its chance is a search: each choice is taken one way now, and the
 * other ways are noted to be played later from a copy of the state before the step. Its wire holds every segment against the trace.
 */

import type { Flag, RelativeNumber, SentSegment, Step, Tolerance } from '../generated/types.js';
import { SHARED } from '../host/clone.js';
import type { ChoiceKind, Environment } from '../host/environment.js';
import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { OutSegment } from '../host/segment.js';
import { u32 } from '../host/sequence.js';
import type { SynTable, TableEntry } from '../host/syn-table.js';
import { sent } from '../trace/segments.js';
import { Contradiction } from './contradiction.js';
import type { Hypothesis } from './hypothesis.js';
import { type Answers, UnknownSynTable } from './unknown-syn-table.js';
import type { View } from './view.js';

/** The ways taken at the choices of a step, in order. */
export type Trail = readonly number[];

/** Thrown at the first choice of a step that is played without a trail. */
export class ChoiceAhead {}

/** Why something is being sent, and between which times. */
interface Occasion {
  /** A timer fires; otherwise an event is being handled. */
  readonly timer: boolean;
  readonly lo: number;
  readonly hi: number;
}

/** See the file's comment. One for each judge; the hypotheses share it. */
export class SearchEnvironment implements Environment, Answers {
  readonly [SHARED] = true;
  readonly view: View;
  private readonly tolerance: Tolerance;
  /** The trails that the current step still has to be played along. */
  readonly untried: Trail[] = [];
  private trail: number[] | undefined = [];
  private taken = 0;
  private hypothesis!: Hypothesis;
  private step!: Step;
  private following: readonly Step[] = [];
  /** How many of the step's segments have been matched. */
  private cursor = 0;
  /** Peers that got a SYN-ACK with a new number in this step: a reset that quotes an older number has none that could be compared. */
  private readonly renumbered = new Set<number>();
  private occasion: Occasion = { timer: false, lo: 0, hi: 0 };
  /** When the last segment of the tick that runs now was seen. */
  private lastOfTick: number | undefined;

  constructor(view: View) {
    this.view = view;
    this.tolerance = view.tolerance;
  }

  /** See {@link Answers}. */
  get silent(): boolean {
    return !this.view.segments;
  }

  /** See {@link Answers}. */
  get timeoutsTell(): boolean {
    return this.view.timeoutsTell;
  }

  /** The step's first segment that has not been matched yet. */
  get nextSeen(): SentSegment | undefined {
    return this.step.out[this.cursor];
  }

  /** How far the step's segments have been matched. */
  get matched(): number {
    return this.cursor;
  }

  /** Outside of any step: what a machine needs while it boots. */
  adopt(hypothesis: Hypothesis): void {
    this.hypothesis = hypothesis;
  }

  /** Starts to play `step` for `hypothesis` along `trail`. Without one, a choice throws {@link ChoiceAhead}. */
  begin(hypothesis: Hypothesis, step: Step, following: readonly Step[], trail: Trail | undefined): void {
    this.hypothesis = hypothesis;
    this.step = step;
    this.following = following;
    this.trail = trail === undefined ? undefined : [...trail];
    this.taken = 0;
    this.cursor = 0;
    this.renumbered.clear();
  }

  /** What is sent from now on is sent by an event, between these times. */
  onEvent(lo: number, hi: number): void {
    this.occasion = { timer: false, lo, hi };
  }

  /** What is sent from now on is sent by a timer whose tick begins between these times. */
  onTick(lo: number, hi: number): void {
    this.occasion = { timer: true, lo, hi };
    this.lastOfTick = undefined;
  }

  choose(n: number, _kind: ChoiceKind): number {
    const { trail } = this;
    if (trail === undefined) throw new ChoiceAhead();
    if (this.taken === trail.length) {
      for (let way = n - 1; way > 0; way--) this.untried.push([...trail, way]);
      trail.push(0);
    }
    return trail[this.taken++] as number;
  }

  random32(): number {
    return this.hypothesis.random32();
  }

  synTable<E extends TableEntry>(host: Host, size: number): SynTable<E> {
    return new UnknownSynTable<E>(host, size, this);
  }

  synAcksOfThisTick(): readonly number[] {
    if (!this.view.segments) return [];
    let end = this.latest();
    const peers: number[] = [];
    for (let i = this.cursor; i < this.step.out.length; i++) {
      const seen = this.step.out[i] as SentSegment;
      if (seen.at > end) return peers;
      end = Math.max(end, seen.at + this.tolerance.next);
      if (!isSynAck(seen) || peers.includes(seen.peer)) continue;
      if (mayAnswer(this.step, seen) && this.choose(2, 'timer before or after an event') === 1) return peers;
      peers.push(seen.peer);
    }
    let read = this.step.observed.at;
    let found = Number.POSITIVE_INFINITY;
    // What the recorder missed comes first in the step in which it looked again, all of it at once.
    for (const step of this.following) {
      if (end < read) return peers;
      for (const seen of step.out) {
        if (!isSynAck(seen) || seen.newIsn === true || peers.includes(seen.peer)) return peers;
        if (seen.at > found + this.tolerance.next) return peers;
        if (this.choose(2, 'timer before or after an event') === 1) return peers;
        peers.push(seen.peer);
        found = seen.at;
      }
      read = step.observed.at;
    }
    return peers;
  }

  transmit(host: Host, segment: OutSegment): void {
    try {
      this.see(host, segment);
    } catch (error) {
      if (host.fired.at(-1) !== segment.rule) host.fired.push(segment.rule as RuleId);
      throw error;
    }
  }

  private see(host: Host, segment: OutSegment): void {
    const { timer, lo, hi } = this.occasion;
    const seen = this.nextSeen;
    this.hypothesis.sights?.transmitted(segment);
    if (!this.view.segments) {
      sent(segment, this.hypothesis.synAcks);
    } else if (!timer) {
      this.match(segment, lo, hi);
    } else if (seen === undefined && this.latest() >= this.step.observed.at) {
      this.hypothesis.unseen.push({ segment, after: lo, until: this.latest() });
    } else {
      this.match(segment, lo, this.latest());
      const { at } = seen as SentSegment;
      // What was found when the step began may have left long before.
      if (this.lastOfTick === undefined && at > this.step.at) this.narrowFraction(host, at);
      this.lastOfTick = at;
    }
  }

  /**
   * By when the next segment of the tick that runs now has to be seen. What left after the step before was read is found when this step begins, however much later
   * that is.
   */
  private latest(): number {
    const { at } = this.step;
    const due = this.occasion.hi + this.tolerance.timer;
    const latest = this.occasion.lo <= at ? Math.max(due, at) : due;
    return this.lastOfTick === undefined ? latest : Math.max(latest, this.lastOfTick + this.tolerance.next);
  }

  /** The segments that the recorder missed before come first in this step, or in a later one that still is in time. */
  matchUnseen(): void {
    const unseen = this.hypothesis.unseen;
    if (unseen.length === 0) return;
    const { at } = this.step.observed;
    const mayComeLater = this.view.lookahead > 1 && unseen.every(({ until }) => until >= at);
    if (mayComeLater && this.nextSeen === undefined) return;
    this.hypothesis.unseen = [];
    for (const one of unseen) this.match(one.segment, one.after, at);
  }

  private match(segment: OutSegment, earliest: number, latest: number): void {
    const index = this.cursor;
    const seen = this.step.out[index];
    const path = `out[${index}]`;
    const hadSynAck = this.hypothesis.synAcks.has(segment.peer);
    const expected = sent(segment, this.hypothesis.synAcks);
    if (seen === undefined) throw new Contradiction(path, expected, 'nothing more');
    if (seen.peer !== expected.peer) throw new Contradiction(`${path}.peer`, expected.peer, seen.peer);
    if (!sameFlags(seen.flags, expected.flags)) throw new Contradiction(`${path}.flags`, expected.flags, seen.flags);
    if (
      this.isComparable(segment, expected.seq, seen.seq) &&
      (seen.seq.of !== expected.seq.of || u32(seen.seq.plus - expected.seq.plus) !== 0)
    ) {
      throw new Contradiction(`${path}.seq`, expected.seq, seen.seq);
    }
    if (seen.ack !== expected.ack)
      throw new Contradiction(`${path}.ack`, expected.ack ?? 'absent', seen.ack ?? 'absent');
    if (seen.len !== expected.len) throw new Contradiction(`${path}.len`, expected.len ?? 0, seen.len ?? 0);
    const newIsn = expected.newIsn ?? false;
    if ((seen.newIsn ?? false) !== newIsn) {
      throw new Contradiction(`${path}.newIsn`, newIsn, seen.newIsn ?? false);
    }
    if (seen.at < earliest || seen.at > latest)
      throw new Contradiction(`${path}.at`, { from: earliest, to: latest }, seen.at);
    if (newIsn) {
      this.renumbered.add(segment.peer);
      if (hadSynAck) this.hypothesis.renumbered.add(segment.peer);
    }
    this.cursor = index + 1;
  }

  /** Whether a number can be held against the model's: not if it counts from an initial number that is not the peer's last. */
  private isComparable({ peer, rst, ack }: OutSegment, expected: RelativeNumber, seen: RelativeNumber): boolean {
    if (this.renumbered.has(peer) && rst && !ack) return false;
    return !(ack && this.hypothesis.renumbered.has(peer) && isFar(expected) && isFar(seen));
  }

  /** A timer's segment tells when its jiffy began. */
  private narrowFraction(host: Host, seenAt: number): void {
    const { tick, fraction } = host.clock;
    if (fraction.lo === fraction.hi || this.tolerance.timer >= tick) return;
    const possible: { lo: number; hi: number }[] = [];
    const first = Math.floor((host.now + fraction.lo) / tick);
    for (const jiffy of [first, first + 1]) {
      const lo = Math.max(fraction.lo, jiffy * tick - seenAt, jiffy * tick - host.now);
      const hi = Math.min(fraction.hi, jiffy * tick - seenAt + this.tolerance.timer, (jiffy + 1) * tick - host.now);
      if (lo < hi) possible.push({ lo, hi });
    }
    if (possible.length === 0) throw new Contradiction(`out[${this.cursor - 1}].at`, 'the begin of a jiffy', seenAt);
    const chosen = possible.length === 1 ? 0 : this.choose(2, 'fraction of a jiffy');
    Object.assign(fraction, possible[chosen]);
  }
}

/** Whether a SYN-ACK may be the answer to a segment of this step: a duplicate SYN of that peer, say. */
const mayAnswer = ({ event }: Step, { peer }: SentSegment): boolean =>
  'segments' in event && event.segments.some((one) => one.peer === peer && one.flags.includes('SYN'));

/** Farther from an initial number than a connection here ever comes. */
const isFar = ({ plus }: RelativeNumber): boolean => Math.abs(plus | 0) > 2 ** 24;

const isSynAck = ({ flags }: SentSegment): boolean =>
  flags.length === 2 && flags.includes('SYN') && flags.includes('ACK');

const sameFlags = (a: readonly Flag[], b: readonly Flag[]): boolean =>
  a.length === b.length && a.every((flag) => b.includes(flag));
