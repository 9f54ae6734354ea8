/**
 * A SYN table whose hash is unknown (2.6.32). For each peer it keeps the buckets that are still possible. A request whose timer
 * may or may not have been looked at, with nothing to see in either case, has several fates at once, each with its share of the
 * buckets; the rows of /proc/net/tcp tell them apart later.
 */

import type { Instant } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { SynTable, TableCounts, TableEntry } from '../host/syn-table.js';
import { type BucketSet, cover, difference, from, intersection, rotated, upTo, windowOf } from './bucket-set.js';
import { Contradiction } from './contradiction.js';

/** What may have become of a peer's request. */
interface Fate<E> {
  /** The request as it then stands; undefined: gone. */
  readonly entry: E | undefined;
  readonly buckets: BucketSet;
}

/** A peer's request with all its fates, and what the caller's counts have already made of it. */
interface Peer<E> {
  /** At least one; more than one while it is in doubt. */
  fates: Fate<E>[];
  /** How often the caller has counted this request out of the queue. */
  countedOut: number;
  /** How often the caller has counted it out of the young ones. */
  countedOld: number;
  /** Insertion number: within a bucket the newest comes first. */
  readonly age: number;
}

/** What the table asks of the observations. */
export interface Answers {
  /** The peers that are seen to be sent a SYN-ACK in the tick that runs now, in the order seen. */
  synAcksOfThisTick(): readonly number[];
  /** No segments are seen. */
  readonly silent: boolean;
  /** Whether an event can tell apart two requests that differ in how often they have timed out. */
  readonly timeoutsTell: boolean;
}

/** See the file's comment. */
export class UnknownSynTable<E extends TableEntry> implements SynTable<E> {
  readonly size: number;
  private readonly host: Host;
  private readonly answers: Answers;
  private readonly peers = new Map<number, Peer<E>>();
  /** Buckets of peers without a request: a peer keeps its bucket as long as the table lives. */
  private readonly remembered = new Map<number, BucketSet>();
  private counts: TableCounts = { qlen: 0, qlen_young: 0 };
  private inserted = 0;
  private inDoubt = 0;
  /** The request that the last event found, where several fates of it are alike to an event. The first of them was given out. */
  private lent: Peer<E> | undefined;
  /** Between which numbers the limit lies on how often a request may time out, where that is not known; the caller goes by the highest. */
  private limits: { readonly lowest: number; readonly highest: number } | undefined;
  /** The request that the caller handles now because it has timed out. */
  private visited: E | undefined;
  /** No entry expires before this instant. */
  private earliest: Instant = Number.POSITIVE_INFINITY;

  constructor(host: Host, size: number, answers: Answers) {
    this.host = host;
    this.size = size;
    this.answers = answers;
  }

  countedBy(counts: TableCounts): void {
    this.counts = counts;
  }

  find(peer: number): E | undefined {
    this.takeBack();
    const known = this.peers.get(peer);
    if (known === undefined) return undefined;
    if (known.fates.length > 1) {
      const kinds = this.kindsOf(known);
      const chosen = kinds.length === 1 ? 0 : this.host.env.choose(kinds.length, 'bucket of a request');
      this.settleOn(peer, known, kinds[chosen] as Fate<E>[]);
      if (known.fates.length > 1) this.lent = known;
    }
    return known.fates[0]?.entry;
  }

  /** A request's fates, those together that an event can't tell apart. */
  private kindsOf({ fates }: Peer<E>): Fate<E>[][] {
    const kinds = new Map<unknown, Fate<E>[]>();
    for (const fate of fates) {
      const kind = fate.entry === undefined ? 'gone' : this.answers.timeoutsTell ? fate.entry.retrans : 'there';
      kinds.set(kind, [...(kinds.get(kind) ?? []), fate]);
    }
    return [...kinds.values()];
  }

  /** What an event has made of the request that it found holds for all of its fates. */
  private takeBack(): void {
    const { lent } = this;
    if (lent === undefined) return;
    this.lent = undefined;
    const [first, ...others] = lent.fates;
    for (const { entry } of others) {
      if (entry !== undefined)
        Object.assign(entry, { ...first?.entry, expires: entry.expires, retrans: entry.retrans });
    }
  }

  insert(entry: E): void {
    const buckets = this.remembered.get(entry.peer) ?? [[0, this.size - 1]];
    this.remembered.delete(entry.peer);
    this.inserted += 1;
    this.peers.set(entry.peer, { fates: [{ entry, buckets }], countedOut: 0, countedOld: 0, age: this.inserted });
    if (entry.expires < this.earliest) this.earliest = entry.expires;
  }

  unlink(entry: E): void {
    const known = this.peers.get(entry.peer);
    if (known === undefined) return;
    const fate = known.fates.find((one) => one.entry === entry);
    if (fate === undefined) return;
    if (known.fates.length > 1) {
      known.countedOut += 1;
      if (entry.retrans === 0) known.countedOld += 1;
    }
    if (entry === this.visited) {
      this.replace(entry.peer, known, fate, [{ entry: undefined, buckets: fate.buckets }]);
    } else {
      const buckets = known.fates.reduce<BucketSet>((all, one) => cover(all, one.buckets), []);
      this.settleOn(entry.peer, known, [{ entry: undefined, buckets }]);
    }
  }

  *expired(first: number, count: number, now: Instant, answers: (entry: E) => boolean): Generator<E> {
    const { clock } = this.host;
    if (now + clock.tick <= this.earliest) return;
    this.takeBack();
    const window = windowOf(first, count, this.size);
    const { silent: unheard } = this.answers;
    const seen = this.answers.synAcksOfThisTick();
    const audible: { known: Peer<E>; fate: Fate<E> }[] = [];
    const silent: { known: Peer<E>; entry: E }[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (const [peer, known] of this.peers) {
      for (const fate of known.fates.length === 1 ? known.fates : [...known.fates]) {
        const { entry } = fate;
        if (entry === undefined) continue;
        if (entry.expires < earliest) earliest = entry.expires;
        const due = clock.knownNotBefore(now, entry.expires);
        if (due === false) continue;
        const visit = !unheard && answers(entry) ? this.visitAloud(peer, known, fate, window, seen) : undefined;
        if (visit === 'seen') {
          audible.push({ known, fate: known.fates.find((one) => one.entry === entry) as Fate<E> });
        } else if (visit === 'unseen') {
          if (due) this.passedBy(peer, known, fate, window);
        } else if (visit === undefined) {
          const visited = this.visitInSilence(peer, known, fate, window, seen, due === true);
          if (visited !== undefined) silent.push({ known, entry: visited });
        }
      }
    }
    this.earliest = earliest;
    for (const { known, entry } of this.inOrderSeen(audible, seen, first)) yield* this.handle(known, entry);
    for (const { known, entry } of silent) yield* this.handle(known, entry);
    // What was handled has a later deadline now, or is gone; a stale lower bound only costs a scan.
  }

  /** A request whose visit would be heard: whether it was, by what is seen. A fate that this rules out is dropped. */
  private visitAloud(
    peer: number,
    known: Peer<E>,
    fate: Fate<E>,
    window: BucketSet,
    seen: readonly number[],
  ): 'seen' | 'unseen' | 'dropped' {
    if (!seen.includes(peer)) return 'unseen';
    const inside = intersection(fate.buckets, window);
    if (inside.length === 0) {
      this.drop(peer, known, fate, `no SYN-ACK to peer ${peer} in this tick: its bucket is not looked at`, 'one');
      return 'dropped';
    }
    this.replace(peer, known, fate, [{ entry: fate.entry, buckets: inside }]);
    return 'seen';
  }

  /** A request that is due and was not heard is in none of the buckets that were looked at. */
  private passedBy(peer: number, known: Peer<E>, fate: Fate<E>, window: BucketSet): void {
    const outside = difference(fate.buckets, window);
    if (outside.length === 0) {
      if (known.fates.length === 1) this.host.rule('syn_ack_recalc/resend');
      this.drop(peer, known, fate, `a SYN-ACK to peer ${peer} in this tick`, 'none');
    } else this.replace(peer, known, fate, [{ entry: fate.entry, buckets: outside }]);
  }

  /**
   * A request whose visit would not be heard: the entry to handle if it is or may be visited. Where it may as well not be, by its bucket or
   * since it may not be `due` yet, it has both fates from now on.
   */
  private visitInSilence(
    peer: number,
    known: Peer<E>,
    fate: Fate<E>,
    window: BucketSet,
    seen: readonly number[],
    due: boolean,
  ): E | undefined {
    const entry = fate.entry as E;
    if (known.fates.length > 1 && seen.includes(peer)) {
      this.drop(peer, known, fate, 'no SYN-ACK', 'one');
      return undefined;
    }
    const inside = intersection(fate.buckets, window);
    if (inside.length === 0) return undefined;
    const elsewhere = due ? difference(fate.buckets, window) : fate.buckets;
    const { lowest = 0, highest = 0 } = this.limits ?? {};
    const mayGo = entry.retrans >= lowest && entry.retrans < highest;
    if (elsewhere.length === 0 && !mayGo) return entry;
    const visited: E = Object.assign(Object.create(Object.getPrototypeOf(entry)), entry);
    const fates: Fate<E>[] = [{ entry: visited, buckets: inside }];
    if (elsewhere.length > 0) fates.push({ entry, buckets: elsewhere });
    if (mayGo) fates.push({ entry: undefined, buckets: inside });
    this.replace(peer, known, fate, fates);
    return visited;
  }

  *entries(): Generator<E> {
    for (const known of this.peers.values()) {
      const fate = known.fates.find((one) => one.entry !== undefined);
      if (fate?.entry !== undefined) yield fate.entry;
    }
  }

  decide<T extends number | boolean>(qlen: number, young: number, decide: (qlen: number, young: number) => T): T {
    this.limits = undefined;
    if (this.inDoubt === 0) return decide(qlen, young);
    let fewest = qlen;
    let most = qlen;
    let fewestYoung = young;
    let mostYoung = young;
    for (const known of this.peers.values()) {
      if (known.fates.length === 1) continue;
      let gone = false;
      let there = false;
      let old = false;
      let fresh = false;
      for (const { entry } of known.fates) {
        if (entry === undefined) gone = true;
        else there = true;
        if (entry?.retrans === 0) fresh = true;
        else old = true;
      }
      fewest += (gone ? 0 : 1) - (1 - known.countedOut);
      most += (there ? 1 : 0) - (1 - known.countedOut);
      fewestYoung += (old ? 0 : 1) - (1 - known.countedOld);
      mostYoung += (fresh ? 1 : 0) - (1 - known.countedOld);
    }
    /** By outcome, the shortest and the longest queue that leads to it. */
    const outcomes = new Map<T, { shortest: number; longest: number }>();
    for (let length = fewest; length <= most; length++) {
      const last = decide(length, Math.min(mostYoung, length));
      for (let count = fewestYoung; count <= mostYoung; count++) {
        const outcome = decide(length, Math.min(count, length));
        outcomes.set(outcome, { shortest: outcomes.get(outcome)?.shortest ?? length, longest: length });
        if (outcome === last) break;
      }
    }
    const possible = [...outcomes];
    const limits = [...outcomes.keys()].filter((outcome) => typeof outcome === 'number');
    if (limits.length > 1) {
      const [lowest, highest] = [Math.min(...limits), Math.max(...limits)];
      if (this.answers.silent) this.limits = { lowest, highest };
      if (this.answers.silent || this.nobodyCares(lowest, highest)) return highest as T;
    }
    const chosen = possible.length === 1 ? 0 : this.host.env.choose(possible.length, 'length of the SYN queue');
    const [outcome, { shortest, longest }] = possible[chosen] as (typeof possible)[number];
    if (longest === fewest) this.settleAll((fate) => fate.entry === undefined);
    else if (shortest === most) this.settleAll((fate) => fate.entry !== undefined);
    return outcome;
  }

  /** Whether it makes no difference to any request that times out now, which of two limits holds for how often it may. */
  private nobodyCares(lowest: number, highest: number): boolean {
    const { clock, now } = this.host;
    for (const { fates } of this.peers.values()) {
      for (const { entry } of fates) {
        if (entry === undefined || entry.retrans < lowest || entry.retrans >= highest) continue;
        if (clock.knownNotBefore(now, entry.expires) !== false) return false;
      }
    }
    return true;
  }

  /** Of each request that may be gone and may be there, keeps the fates that pass `test`. */
  private settleAll(test: (fate: Fate<E>) => boolean): void {
    for (const [peer, known] of [...this.peers]) {
      const left = known.fates.filter(test);
      if (left.length > 0 && left.length < known.fates.length) this.settleOn(peer, known, left);
    }
  }

  /** Takes over the buckets that are possible in a table that is otherwise the same. */
  include(other: UnknownSynTable<E>): void {
    for (const [peer, known] of this.peers) {
      const theirs = other.peers.get(peer)?.fates ?? [];
      known.fates = known.fates.map(({ entry, buckets }, i) => ({
        entry,
        buckets: cover(buckets, theirs[i]?.buckets ?? buckets),
      }));
    }
    for (const [peer, buckets] of this.remembered) {
      const theirs = other.remembered.get(peer);
      if (theirs === undefined) this.remembered.delete(peer);
      else this.remembered.set(peer, cover(buckets, theirs));
    }
  }

  /** Holds the rows of requests against the table: their peers, retransmits and order. Ends doubts that the rows decide. */
  settle(rows: readonly { readonly peer: number; readonly retransmits: number }[]): void {
    this.takeBack();
    const shown = new Map(rows.map((row) => [row.peer, row.retransmits]));
    for (const [peer, known] of [...this.peers]) {
      const retransmits = shown.get(peer);
      const left = known.fates.filter((fate) => fate.entry?.retrans === retransmits);
      if (left.length === 0) {
        const allowed = known.fates.map((fate) => fate.entry?.retrans ?? 'no row');
        const expected = allowed.length === 1 ? allowed[0] : { anyOf: allowed };
        throw new Contradiction(
          'observed.sockets',
          { peer, state: 'SYN_RECV', retransmits: expected },
          retransmits ?? 'no row',
        );
      }
      if (left.length < known.fates.length) this.settleOn(peer, known, left);
    }
    for (const row of rows) {
      if (!this.peers.has(row.peer)) throw new Contradiction('observed.sockets', `no request of peer ${row.peer}`, row);
    }
    const listed = rows.map((row) => this.peers.get(row.peer) as Peer<E>);
    if (listed.every((known) => known.fates.length === 1)) {
      this.narrowByOrder(
        listed.map((known) => ({ known, fate: known.fates[0] as Fate<E> })),
        0,
        'observed.sockets',
      );
    }
  }

  /** Lets the caller handle `entry`, and notes what the caller then counts. */
  private *handle(known: Peer<E>, entry: E): Generator<E> {
    const wasYoung = entry.retrans === 0;
    this.visited = entry;
    yield entry;
    this.visited = undefined;
    const stays = known.fates.length > 1 && known.fates.some((fate) => fate.entry === entry);
    if (stays && wasYoung && entry.retrans > 0) known.countedOld += 1;
  }

  /** The audible ones in the order in which they are seen to answer, with buckets narrowed to what that order allows. */
  private inOrderSeen(
    audible: readonly { known: Peer<E>; fate: Fate<E> }[],
    seen: readonly number[],
    first: number,
  ): { known: Peer<E>; entry: E }[] {
    const position = (fate: Fate<E>): number => seen.indexOf((fate.entry as E).peer);
    const ordered = [...audible].sort((a, b) => position(a.fate) - position(b.fate));
    for (const { known, fate } of ordered) {
      if (known.fates.length > 1) this.settleOn((fate.entry as E).peer, known, [fate]);
    }
    this.narrowByOrder(ordered, first, 'out');
    return ordered.map(({ known, fate }) => ({ known, entry: fate.entry as E }));
  }

  /** Narrows buckets so that walking from bucket `first` meets the requests in the given order. */
  private narrowByOrder(ordered: readonly { known: Peer<E>; fate: Fate<E> }[], first: number, field: string): void {
    const n = ordered.length;
    if (n < 2) return;
    const sets = ordered.map(({ fate }) => rotated(fate.buckets, -first, this.size));
    const fail = (index: number): never => {
      const peer = ordered[index]?.fate.entry?.peer;
      throw new Contradiction(field, `peer ${peer} elsewhere: its bucket does not come here`, `peer ${peer} here`);
    };
    for (let i = 1; i < n; i++) {
      const lowest = (sets[i - 1]?.[0]?.[0] ?? 0) + this.gap(ordered, i);
      sets[i] = from(sets[i] as BucketSet, lowest);
      if (sets[i]?.length === 0) fail(i);
    }
    for (let i = n - 2; i >= 0; i--) {
      const highest = (sets[i + 1]?.at(-1)?.[1] ?? 0) - this.gap(ordered, i + 1);
      sets[i] = upTo(sets[i] as BucketSet, highest);
      if (sets[i]?.length === 0) fail(i);
    }
    for (let i = 0; i < n; i++) {
      const { known, fate } = ordered[i] as { known: Peer<E>; fate: Fate<E> };
      known.fates = [{ entry: fate.entry, buckets: rotated(sets[i] as BucketSet, first, this.size) }];
    }
  }

  /** How many buckets `ordered[i]` lies behind its predecessor at least: none if it is older, for the newest come first. */
  private gap(ordered: readonly { known: Peer<E> }[], i: number): number {
    return (ordered[i - 1] as { known: Peer<E> }).known.age < (ordered[i] as { known: Peer<E> }).known.age ? 1 : 0;
  }

  /** Puts `by` in the place of one fate; fates in which the request is gone are one. */
  private replace(peer: number, known: Peer<E>, fate: Fate<E>, by: readonly Fate<E>[]): void {
    const left = known.fates.filter((one) => one !== fate);
    for (const one of by) {
      const alike = one.entry === undefined ? left.findIndex((other) => other.entry === undefined) : -1;
      if (alike < 0) left.push(one);
      else left[alike] = { entry: undefined, buckets: cover((left[alike] as Fate<E>).buckets, one.buckets) };
    }
    this.settleOn(peer, known, left);
  }

  /** Takes away a fate that the observations rule out. */
  private drop(peer: number, known: Peer<E>, fate: Fate<E>, expected: string, observed: string): void {
    const left = known.fates.filter((one) => one !== fate);
    if (left.length === 0) throw new Contradiction('out', expected, observed);
    this.settleOn(peer, known, left);
  }

  /** Makes `left` the fates of a request. Where that ends a doubt, makes good what the caller counted wrongly meanwhile. */
  private settleOn(peer: number, known: Peer<E>, left: Fate<E>[]): void {
    const before = known.fates;
    known.fates = left;
    if (before.length === 1 && left.length > 1) {
      this.inDoubt += 1;
      known.countedOut = 0;
      known.countedOld = before[0]?.entry?.retrans === 0 ? 0 : 1;
    }
    if (left.length > 1) return;
    const only = left[0] as Fate<E>;
    if (before.length > 1) {
      this.inDoubt -= 1;
      this.counts.qlen += (only.entry === undefined ? 0 : 1) - (1 - known.countedOut);
      this.counts.qlen_young += (only.entry?.retrans === 0 ? 1 : 0) - (1 - known.countedOld);
    }
    if (only.entry === undefined) {
      this.peers.delete(peer);
      this.remembered.set(peer, only.buckets);
    }
  }
}
