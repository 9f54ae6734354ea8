/** What the timer of a listener does to its SYN queue in 2.6.32. */

import { describe, expect, it } from 'vitest';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import type { Machine } from '../../src/linux-2.6.32/machine.js';
import { Server, type Setup } from '../support/server.js';

const server = (setup?: Setup): Server => new Server(linux_2_6_32, { sysctl: { tcp_syncookies: 0 }, ...setup });
const upTo = (n: number): number[] => Array.from({ length: n }, (_, peer) => peer);

/** When segments were sent, in ms. */
const times = (sent: readonly string[]): number[] => sent.map((line) => Number.parseFloat(line));

describe("the listener's timer", () => {
  it('first looks 3 s after the queue stopped being empty, then every 200 ms while there are requests', () => {
    const s = server();
    s.wait(500);
    s.syn(1);
    const { timers } = s.host;
    expect(timers.next(s.host, 1e12)).toEqual({ lo: 3_500_000, hi: 3_500_000 });
    s.waitUntil(3500);
    expect(timers.next(s.host, 1e12)).toEqual({ lo: 3_700_000, hi: 3_700_000 });
    s.send(1, 'R');
    expect(timers.next(s.host, 1e12)).toBeUndefined();
  });

  it('is stopped by the ACK that takes the last request out, and not by one before', () => {
    const s = server().syns(1, 2);
    s.ack(1);
    expect(s.host.timers.next(s.host, 1e12)).toBeDefined();
    s.ack(2);
    expect(s.host.timers.next(s.host, 1e12)).toBeUndefined();
  });

  it('goes through a table of 16 buckets in 8 ticks', () => {
    const s = server().syns(...upTo(12));
    const sent = times(s.waitUntil(4400));
    expect(sent).toHaveLength(12);
    expect(Math.min(...sent)).toBeGreaterThanOrEqual(3000);
    expect(sent.every((time) => (time - 3000) % 200 === 0)).toBe(true);
  });

  it('looks at 2 * (n / 15) buckets a tick, which drifts in a table of 512', () => {
    const s = server({ backlog: 511, sysctl: { somaxconn: 511, tcp_max_syn_backlog: 511 } }).syns(1);
    const lopt = (s.host as Machine).listener?.icsk_accept_queue.listen_opt;
    s.waitUntil(3000);
    expect(lopt?.clock_hand).toBe(68);
    s.waitUntil(4400);
    expect(lopt?.clock_hand).toBe(8 * 68 - 512);
  });

  it('goes on where it was after the queue was empty, and begins anew only with a new table', () => {
    const s = server().syns(1);
    s.waitUntil(3200);
    s.ack(1);
    s.wait(10_000);
    const queue = (s.host as Machine).listener?.icsk_accept_queue;
    expect(queue?.listen_opt?.clock_hand).toBe(4);
    s.syn(2);
    s.wait(3000);
    expect(queue?.listen_opt?.clock_hand).toBe(6);
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(5);
    expect(queue?.listen_opt?.clock_hand).toBe(0);
  });
});

describe('a request', () => {
  it.each([
    [0, []],
    [1, [3]],
    [2, [3, 6]],
    [5, [3, 6, 12, 24, 48]],
    [8, [3, 6, 12, 24, 48, 96, 120, 120]],
  ])('with tcp_synack_retries of %i is sent its SYN-ACK again after %j seconds each', (tcp_synack_retries, waits) => {
    const s = server({ sysctl: { tcp_synack_retries } }).syns(1);
    const sent = times(s.wait(1_000_000));
    const gaps = sent.map((time, i) => (time - (sent[i - 1] ?? 0)) / 1000);
    expect(gaps.map((gap, i) => gap >= (waits[i] ?? 0) && gap < (waits[i] ?? 0) + 1.6)).toEqual(waits.map(() => true));
    expect(s.rows()).toEqual([]);
    expect(
      s
        .rules()
        .filter((rule) => rule.startsWith('syn_ack_recalc'))
        .at(-1),
    ).toBe('syn_ack_recalc/expire');
    expect(s.counted()).toEqual({});
  });

  it('is tried as often as TCP_SYNCNT says, whatever tcp_synack_retries is', () => {
    expect(
      server({ sockopt: { TCP_SYNCNT: 2 } })
        .syns(1)
        .wait(100_000),
    ).toHaveLength(2);
  });

  it('is tried as often as tcp_synack_retries says at the moment', () => {
    const s = server().syns(1);
    s.wait(5000);
    s.set('tcp_synack_retries', 1);
    expect(s.wait(20_000)).toEqual([]);
    expect(s.rows()).toEqual([]);
  });

  it('is dropped at once for a negative limit', () => {
    const s = server({ sysctl: { tcp_synack_retries: -1 } }).syns(1);
    expect(s.wait(4400)).toEqual([]);
    expect(s.rows()).toEqual([]);
  });

  it.each([
    [false, 0, 'inet_csk_reqsk_queue_prune/synack-not-sent'],
    [true, 1, 'inet_csk_reqsk_queue_prune/synack-not-sent-acked'],
  ])('that was acknowledged (%s) leaves %i request where its SYN-ACK can not be sent again', (acked, left, rule) => {
    const s = server({ backlog: 0 }).syns(1, 2);
    s.ack(1);
    if (acked) s.ack(2);
    s.rules();
    s.wait(4400, ['send_synack']);
    expect(s.rules()).toContain(rule);
    expect(s.rows().filter((row) => row.includes('SYN_RECV'))).toHaveLength(left);
  });

  it('that has timed out is no longer young', () => {
    const s = server({ backlog: 0 }).syns(0, 1, 2);
    s.ack(0);
    expect(s.syn(3)).toEqual([]);
    s.wait(4400);
    expect(s.syn(3)).toHaveLength(1);
    expect(s.syn(4)).toHaveLength(1);
    expect(s.syn(5)).toEqual([]);
  });

  it('counts its timeouts in 8 bits', () => {
    const s = server({ sysctl: { tcp_synack_retries: 300 } }).syns(1);
    const req = (s.host as Machine).listener?.icsk_accept_queue.listen_opt?.syn_table.find(1);
    if (req === undefined) throw new Error('no request');
    req.retrans = 255;
    s.wait(4400);
    expect(req.retrans).toBe(0);
  });

  it.each([
    [5, 96_000],
    [6, 120_000],
    [59, 120_000],
    [61, 0],
    [64, 3000],
    [65, 6000],
  ])('after %i timeouts waits %i ms for the next', (retrans, ms) => {
    const s = server({ sockopt: { TCP_SYNCNT: 127 } }).syns(1);
    const req = (s.host as Machine).listener?.icsk_accept_queue.listen_opt?.syn_table.find(1);
    if (req === undefined) throw new Error('no request');
    req.retrans = retrans - 1;
    const [at] = times(s.wait(4400));
    expect((req.expires - Number(at) * 1000) / 1000 === ms || ms === 0).toBe(true);
    if (ms === 0) expect(req.retrans).toBeGreaterThan(retrans - 1);
  });
});

describe('a SYN queue that is half full', () => {
  /** How many of the requests are left that came at the start, in the time for the fourth SYN-ACK. */
  const left = (requests: number): number => {
    const s = server().syns(...upTo(requests));
    s.waitUntil(24_000);
    expect(s.rules().includes('inet_csk_reqsk_queue_prune/half-full')).toBe(requests >= 8);
    return s.rows().length;
  };

  it('lets old requests expire early until it is less than half full', () => {
    expect([left(6), left(7)]).toEqual([6, 7]);
    expect(left(8)).toBeLessThan(8);
    expect(left(16)).toBeLessThan(8);
  });

  /** The limit in force for `qlen` requests of which `young` are young. */
  const limit = (qlen: number, young: number, retries: number): number => {
    const s = server({ sysctl: { tcp_syncookies: 0, tcp_synack_retries: retries } }).syns(...upTo(qlen));
    const lopt = (s.host as Machine).listener?.icsk_accept_queue.listen_opt;
    if (lopt === undefined) throw new Error('no SYN queue');
    lopt.qlen_young = young;
    const entries = [...lopt.syn_table.entries()];
    for (let tried = 0; ; tried++) {
      for (const req of entries) Object.assign(req, { retrans: tried, expires: Number.POSITIVE_INFINITY });
      const [first] = entries;
      if (first === undefined) throw new Error('no request');
      first.expires = 0;
      const copy = s.host.now;
      s.wait(4400);
      if (s.rules().includes('syn_ack_recalc/expire')) return tried;
      if (tried > 20 || s.host.now === copy) throw new Error('no limit');
      first.retrans = tried;
      lopt.qlen_young = young;
    }
  };

  it.each([
    [7, 0, 5, 5],
    [8, 8, 5, 5],
    [8, 5, 5, 5],
    [8, 4, 5, 4],
    [8, 3, 5, 4],
    [8, 2, 5, 3],
    [8, 1, 5, 2],
    [8, 0, 5, 2],
    [16, 5, 5, 4],
    [16, 4, 5, 3],
    [8, 0, 2, 2],
    [8, 0, 1, 1],
  ])('of %i requests, %i of them young, makes a limit of %i one of %i', (qlen, young, retries, expected) => {
    expect(limit(qlen, young, retries)).toBe(expected);
  });
});
