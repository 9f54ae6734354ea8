import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { kernelNamed } from '../../src/kernels.js';
import { type Limits, limits } from '../../src/report/limits.js';
import { Probe } from '../../src/report/probe.js';

const old = kernelNamed('2.6.32') as KernelVariant;
const recent = kernelNamed('4.15') as KernelVariant;

const MAX_SYN = 'net.ipv4.tcp_max_syn_backlog';
const COOKIES = 'net.ipv4.tcp_syncookies';
const SOMAXCONN = 'net.core.somaxconn';
const RETRIES = 'net.ipv4.tcp_synack_retries';
const ABORT = 'net.ipv4.tcp_abort_on_overflow';

/** Settings of up to a few hundred entries, with many values near the edges. */
const settings = fc.record({
  backlog: fc.oneof(fc.integer({ min: -2, max: 20 }), fc.integer({ min: 0, max: 300 })),
  somaxconn: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(128), fc.integer({ min: 0, max: 300 })),
  maxSyn: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 600 })),
  cookies: fc.integer({ min: 0, max: 2 }),
});
const asked = ({ somaxconn, maxSyn, cookies }: { somaxconn: number; maxSyn: number; cookies: number }) => ({
  [SOMAXCONN]: somaxconn,
  [MAX_SYN]: maxSyn,
  [COOKIES]: cookies,
});

/** The arithmetic of the last quarter: the first queue length at which it refuses. */
const quarter = (maxSyn: number): number => maxSyn - (maxSyn >> 2) + 1;

describe('limits on 2.6.32', () => {
  it('sizes the SYN queue by the power of two above backlog and tcp_max_syn_backlog', () => {
    fc.assert(
      fc.property(settings, (one) => {
        const { acceptQueue, synQueue } = limits(old, one.backlog, { ...asked(one), [RETRIES]: 3 });
        const backlog = Math.min(one.backlog >>> 0, one.somaxconn);
        const size = 2 ** Math.ceil(Math.log2(Math.max(8, Math.min(backlog, one.maxSyn)) + 1));
        const capacity = one.cookies === 0 ? Math.min(size, quarter(one.maxSyn)) : size;
        expect(acceptQueue?.limit).toBe(backlog);
        expect(synQueue?.capacity).toBe(capacity);
        expect(synQueue?.lastQuarterFrom).toBe(quarter(one.maxSyn));
        expect(synQueue?.earlyDropsFrom).toBe(size / 2 <= capacity ? size / 2 : undefined);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('cuts the limit to 16 bits: 65536 becomes 0', () => {
    expect(limits(old, 65536, { [SOMAXCONN]: 65536 }).acceptQueue).toMatchObject({ limit: 0, capacity: 1 });
  });

  it('drops SYNs without counting them, and admits two while the accept queue is full', () => {
    const { acceptQueue, synQueue } = limits(old, 16);
    expect(synQueue?.syn).toMatchObject({ reply: 'nothing', counters: [] });
    expect(acceptQueue?.full).toMatchObject({
      admitted: 2,
      syn: { reply: 'nothing', counters: [] },
      laterSyn: { reply: 'SYN-ACK' },
    });
  });

  it('lets a request live for 189 s, and up to 1.6 s more for each time that it waits for its bucket', () => {
    const { schedule } = limits(old, 128);
    const nominal = [3, 9, 21, 45, 93];
    expect(schedule?.resends).toHaveLength(nominal.length);
    nominal.forEach((at, i) => {
      expect(schedule?.resends[i]?.least).toBeGreaterThan(at - 0.002);
      expect(schedule?.resends[i]?.most).toBeLessThan(at + 1.6 * (i + 1));
    });
    expect(schedule?.dies?.least).toBeGreaterThan(189 - 0.002);
    expect(schedule?.dies?.most).toBeLessThan(189 + 1.6 * 6);
  });

  it('takes a cookie for 3 s after the last one it sent, and for up to four minutes', () => {
    const { cookies } = limits(old, 16, { [COOKIES]: 1 });
    expect(cookies?.alone.least).toBeCloseTo(3, 1);
    expect(cookies?.alone.most).toBeCloseTo(3, 1);
    expect(cookies?.amongOthers.least).toBeCloseTo(180, 1);
    expect(cookies?.amongOthers.most).toBeCloseTo(240, 1);
  });
});

describe('limits on 4.15', () => {
  it('limits the SYN queue by the backlog, and by three quarters of tcp_max_syn_backlog where cookies are off', () => {
    fc.assert(
      fc.property(settings, (one) => {
        const { acceptQueue, synQueue } = limits(recent, one.backlog, { ...asked(one), [RETRIES]: 3 });
        const limit = Math.min(one.backlog >>> 0, one.somaxconn);
        const capacity = one.cookies === 0 ? Math.min(limit, quarter(one.maxSyn)) : one.cookies === 1 ? limit : 0;
        const half = (Math.max(8, limit) >> 1) + 1;
        expect(acceptQueue?.limit).toBe(limit);
        expect(synQueue?.capacity).toBe(capacity);
        expect(synQueue?.lastQuarterFrom).toBe(quarter(one.maxSyn));
        expect(synQueue?.earlyDropsFrom).toBe(half <= capacity ? half : undefined);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('admits nobody with backlog 0 and no cookies', () => {
    const { acceptQueue, synQueue, schedule } = limits(recent, 0, { [COOKIES]: 0 });
    expect(synQueue).toMatchObject({
      capacity: 0,
      syn: { reply: 'nothing', counters: ['ListenDrops', 'TCPReqQFullDrop'] },
    });
    expect(acceptQueue?.full).toBeUndefined();
    expect(schedule).toBeUndefined();
  });

  it('lets a request live for 63 s, its last SYN-ACK 31 s after the SYN, apart from the rounding of timers', () => {
    const { schedule } = limits(recent, 128);
    const nominal = [1, 3, 7, 15, 31];
    expect(schedule?.resends).toHaveLength(nominal.length);
    nominal.forEach((at, i) => {
      expect(schedule?.resends[i]?.least).toBeGreaterThan(at - 0.002);
      expect(schedule?.resends[i]?.most).toBeLessThan(at + 3 * 0.064 + 2 * 0.512 + 0.01);
    });
    expect(schedule?.dies?.least).toBeGreaterThan(63);
    expect(schedule?.dies?.most).toBeLessThan(63 + 3 * 0.064 + 3 * 0.512 + 0.01);
  });

  it('drops old requests after 7 s where they fill the queue', () => {
    const { scheduleWhenFull } = limits(recent, 128);
    expect(scheduleWhenFull?.dies?.least).toBeCloseTo(7, 0);
  });

  it('drops every SYN while the accept queue is full, and counts it', () => {
    const full = limits(recent, 16).acceptQueue?.full;
    expect(full).toMatchObject({
      admitted: 0,
      syn: { reply: 'nothing', counters: ['ListenOverflows', 'ListenDrops'] },
    });
  });

  it('takes a cookie for one to two minutes, whatever else it sends', () => {
    const { cookies } = limits(recent, 16);
    expect(cookies).toEqual({ alone: cookies?.amongOthers, amongOthers: cookies?.alone });
    expect(cookies?.alone.least).toBeCloseTo(60, 1);
    expect(cookies?.alone.most).toBeCloseTo(120, 1);
  });

  it('refuses a negative somaxconn, and keeps the default', () => {
    const { refused, sysctl } = limits(recent, 16, { [SOMAXCONN]: -1 });
    expect(refused).toEqual({ [SOMAXCONN]: 'EINVAL' });
    expect(sysctl[SOMAXCONN]).toBe(128);
  });
});

describe.each([old, recent])('limits on $name', (kernel) => {
  it('says of the accept queue what filling it shows: one connection more than the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (backlog) => {
        const sysctls = { [SOMAXCONN]: 400, [MAX_SYN]: 1024 };
        const probe = new Probe(kernel, backlog, sysctls);
        let connected = 0;
        while (probe.connect(connected + 1)) connected += 1;
        expect(limits(kernel, backlog, sysctls).acceptQueue).toMatchObject({ limit: backlog, capacity: connected });
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  it('tells what becomes of an ACK that meets a full accept queue', () => {
    const ignored = limits(kernel, 4).acceptQueue?.full;
    expect(ignored?.ack).toMatchObject({ reply: 'nothing', counters: ['ListenOverflows', 'ListenDrops'] });
    expect(ignored?.write).toMatchObject({ reply: 'reset' });
    const aborted = limits(kernel, 4, { [ABORT]: 1 }).acceptQueue?.full;
    expect(aborted?.ack).toMatchObject({ reply: 'reset' });
    expect(aborted?.ack.counters).toContain('EmbryonicRsts');
  });

  it('follows the number of retries', () => {
    expect(limits(kernel, 16, { [RETRIES]: 0 }).schedule?.resends).toEqual([]);
    expect(limits(kernel, 16, { [RETRIES]: 1 }).schedule?.resends).toHaveLength(1);
    expect(limits(kernel, 16, { [RETRIES]: 100 }).schedule?.dies).toBeUndefined();
  });

  it('gives the same answers each time', () => {
    const [a, b]: Limits[] = [limits(kernel, 16), limits(kernel, 16)];
    expect(a).toEqual(b);
  });
});
