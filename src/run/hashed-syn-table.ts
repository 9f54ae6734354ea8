/** A SYN table with real buckets: what a machine has when a scenario is run rather than judged. */

import type { Instant } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { SynTable, TableEntry } from '../host/syn-table.js';

interface Link<E> {
  readonly entry: E;
  readonly bucket: number;
  next: Link<E> | undefined;
  previous: Link<E> | undefined;
}

/** Chains of links by bucket; which bucket a peer has follows from `seed`. */
export class HashedSynTable<E extends TableEntry> implements SynTable<E> {
  readonly size: number;
  private readonly host: Host;
  private readonly seed: number;
  private readonly heads: (Link<E> | undefined)[];
  private readonly links = new Map<number, Link<E>>();

  constructor(host: Host, size: number, seed: number) {
    this.host = host;
    this.size = size;
    this.seed = seed;
    this.heads = new Array<Link<E> | undefined>(size).fill(undefined);
  }

  /** Needs no correction. */
  countedBy(): void {}

  find(peer: number): E | undefined {
    return this.links.get(peer)?.entry;
  }

  insert(entry: E): void {
    const bucket = mix(entry.peer ^ this.seed) & (this.size - 1);
    const next = this.heads[bucket];
    const link: Link<E> = { entry, bucket, next, previous: undefined };
    if (next !== undefined) next.previous = link;
    this.heads[bucket] = link;
    this.links.set(entry.peer, link);
  }

  unlink(entry: E): void {
    const link = this.links.get(entry.peer);
    if (link === undefined || link.entry !== entry) return;
    this.links.delete(entry.peer);
    if (link.next !== undefined) link.next.previous = link.previous;
    if (link.previous !== undefined) link.previous.next = link.next;
    else this.heads[link.bucket] = link.next;
  }

  *expired(first: number, count: number, now: Instant): Generator<E> {
    for (let i = 0; i < count; i++) {
      let link = this.heads[(first + i) & (this.size - 1)];
      while (link !== undefined) {
        const next: Link<E> | undefined = link.next;
        if (this.host.time_after_eq(now, link.entry.expires)) yield link.entry;
        link = next;
      }
    }
  }

  *entries(): Generator<E> {
    for (const head of this.heads) for (let link = head; link !== undefined; link = link.next) yield link.entry;
  }

  decide<T extends number | boolean>(qlen: number, young: number, decide: (qlen: number, young: number) => T): T {
    return decide(qlen, young);
  }
}

/** A hash of 32 bits (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
