import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/host/clock.js';
import type { Host } from '../../src/host/host.js';
import type { TableEntry } from '../../src/host/syn-table.js';
import { Contradiction } from '../../src/judge/contradiction.js';
import { UnknownSynTable } from '../../src/judge/unknown-syn-table.js';

const SIZE = 16;
const DUE = 3_000_000;

/** A table of 16 buckets with young requests of peers 1 to `peers`, the SYN-ACKs that are seen in the current tick, and the answers to questions. */
function tableOf(peers: number) {
  const answers: number[] = [];
  const seen: number[] = [];
  const fired: string[] = [];
  const clock = Clock.known(1000, 0, 0, 0);
  const host = {
    clock,
    env: { choose: () => answers.shift() ?? 0 },
    time_after_eq: (a: number, b: number) => a >= b,
    rule: (rule: string) => fired.push(rule),
  } as unknown as Host;
  const table = new UnknownSynTable<TableEntry>(host, SIZE, {
    synAcksOfThisTick: () => seen,
    silent: false,
    timeoutsTell: false,
  });
  const counts = { qlen: 0, qlen_young: 0 };
  table.countedBy(counts);
  for (let peer = 1; peer <= peers; peer++) {
    table.insert({ peer, expires: DUE, retrans: 0 });
    counts.qlen += 1;
    counts.qlen_young += 1;
  }
  /** A tick that looks at two buckets: what was visited answers and is due again later, or goes in silence. */
  const tick = (first: number, now: number, audible: boolean): number[] => {
    const visited: number[] = [];
    for (const entry of table.expired(first, 2, now, () => audible)) {
      visited.push(entry.peer);
      if (entry.retrans === 0) counts.qlen_young -= 1;
      if (audible) {
        entry.retrans += 1;
        entry.expires = now + 6_000_000;
      } else {
        table.unlink(entry);
        counts.qlen -= 1;
      }
    }
    return visited;
  };
  const isEmpty = (): boolean => table.decide(counts.qlen, counts.qlen_young, (qlen) => qlen === 0);
  return { table, counts, answers, seen, fired, tick, isEmpty };
}

describe('a SYN table whose hash is unknown', () => {
  it('takes those for visited that are seen to answer, in the order seen', () => {
    const { seen, tick } = tableOf(3);
    seen.push(3, 1);
    expect(tick(0, DUE, true)).toEqual([3, 1]);
  });

  it('remembers the buckets that an answer showed', () => {
    const { seen, tick } = tableOf(1);
    seen.push(1);
    tick(4, DUE, true);
    expect(() => tick(6, DUE + 6_000_000, true)).toThrow(Contradiction);
    expect(tick(4, DUE + 6_000_000, true)).toEqual([1]);
  });

  it('does not let a request stay silent once every bucket was looked at', () => {
    const { fired, tick } = tableOf(1);
    for (let first = 0; first < 14; first += 2) expect(tick(first, DUE, true)).toEqual([]);
    expect(() => tick(14, DUE, true)).toThrow(Contradiction);
    expect(fired).toEqual(['syn_ack_recalc/resend']);
  });

  it('does not let an older request answer after a newer one of the same bucket, so neither two ticks later', () => {
    const { table, seen, tick } = tableOf(2);
    seen.push(1, 2);
    tick(0, DUE, true);
    table.settle([
      { peer: 1, retransmits: 1 },
      { peer: 2, retransmits: 1 },
    ]);
    expect(() =>
      table.settle([
        { peer: 2, retransmits: 1 },
        { peer: 1, retransmits: 1 },
      ]),
    ).toThrow(Contradiction);
  });

  it('keeps both fates of a request that may have gone in silence, and asks what depends on them', () => {
    const { answers, tick, isEmpty } = tableOf(1);
    tick(0, DUE, false);
    answers.push(1);
    expect(isEmpty()).toBe(false);
    expect(isEmpty()).toBe(false);
  });

  it('settles doubts by the rows, and puts the counts right', () => {
    const { table, counts, tick } = tableOf(3);
    tick(0, DUE, false);
    tick(2, DUE, false);
    table.settle([{ peer: 2, retransmits: 0 }]);
    expect(counts).toEqual({ qlen: 1, qlen_young: 1 });
    expect([...table.entries()].map(({ peer }) => peer)).toEqual([2]);
  });

  it('rejects a row of a request that cannot be there, and misses one that must', () => {
    const { table } = tableOf(1);
    expect(() => table.settle([{ peer: 9, retransmits: 0 }])).toThrow(Contradiction);
    expect(() => table.settle([])).toThrow(Contradiction);
    expect(() => table.settle([{ peer: 1, retransmits: 1 }])).toThrow(Contradiction);
  });
});
