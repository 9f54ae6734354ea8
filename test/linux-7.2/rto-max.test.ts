/** The longest timeout, which can be set since 6.15: of a request since 6.19, of a Fast Open child always. */

import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_6_12 } from '../../src/linux-6.12/index.js';
import { linux_7_2 } from '../../src/linux-7.2/index.js';
import { playScenario } from '../../src/run/scenario.js';

const LONGEST = 'net.ipv4.tcp_rto_max_ms';
const CAPPED = 'tcp_reqsk_timeout/capped';
const LISTEN: TraceEvent = { syscall: 'listen', backlog: 5 };
const synOf = (peer: number, len = 0): TraceEvent => ({ segments: [{ peer, flags: ['SYN'], seq: 1000, len }] });

interface Played {
  /** Seconds from each SYN-ACK to a peer to the next one, of all peers. */
  readonly distances: readonly number[];
  /** How often a deadline was cut. */
  readonly cut: number;
  readonly results: readonly unknown[];
}

function played(
  events: readonly TraceEvent[],
  { sysctl = {}, sockopt = {}, release = '7.2.13', hz = 1000, kernel = linux_7_2 as KernelVariant } = {},
): Played {
  const { steps } = playScenario(kernel, { sysctl, sockopt, events }, { release, hz });
  const sent = steps.flatMap(({ out }) => out);
  const distances = sent.flatMap(({ at, peer }, i) => {
    const before = sent.slice(0, i).findLast((one) => one.peer === peer);
    return before === undefined ? [] : [Math.round((at - before.at) / 10_000) / 100];
  });
  const cut = steps.flatMap(({ rules }) => rules).filter((rule) => rule === CAPPED).length;
  return { distances, cut, results: steps.map(({ result }) => result) };
}

const request = [LISTEN, synOf(1), { wait: 70_000_000 }];

describe('a request', () => {
  // The wheel fires up to 8 jiffies after a second, and up to 64 after more than four.
  it.each([
    [1000, [1, 1, 1, 1, 1], 5],
    [1500, [1, 1.5, 1.5, 1.5, 1.5], 5],
    [2000, [1, 2, 2, 2, 2], 4],
    [120_000, [1, 2, 4, 8, 16], 0],
  ])('with tcp_rto_max_ms %d is sent its SYN-ACK again after %j s', (longest, expected, cut) => {
    const { distances, cut: often } = played(request, { sysctl: { [LONGEST]: longest } });
    expect(distances).toHaveLength(expected.length);
    for (const [i, distance] of distances.entries()) {
      expect(distance).toBeGreaterThanOrEqual(expected[i] as number);
      expect(distance).toBeLessThan((expected[i] as number) * 1.05);
    }
    expect(often).toBe(cut);
  });

  it('is not cut short before 6.19', () => {
    const sysctl = { [LONGEST]: 1000 };
    for (const release of ['6.15.1', '6.18.44', '6.18.44-cloud']) {
      expect(played(request, { sysctl, release })).toEqual(played(request));
    }
    for (const release of ['6.19.0', '7.0.1', '7.2.13', 'next']) {
      expect(played(request, { sysctl, release }).cut).toBe(5);
    }
  });

  it('has what was set when its listener was made', () => {
    const set = (longest: number): TraceEvent => ({ sysctl: { [LONGEST]: longest } });
    const ends = { wait: 70_000_000 };
    expect(played([LISTEN, set(1000), synOf(1), ends]).cut).toBe(0);
    expect(played([LISTEN, set(1000), LISTEN, synOf(1), ends]).cut).toBe(0);
    expect(played([LISTEN, set(1000), { syscall: 'close' }, LISTEN, set(120_000), synOf(1), ends]).cut).toBe(5);
  });

  it('is sent its SYN-ACK again in whole jiffies', () => {
    const { distances } = played([LISTEN, synOf(1), { wait: 8_000_000 }], { sysctl: { [LONGEST]: 1001 }, hz: 100 });
    expect(distances.slice(1).every((distance) => distance >= 1.01)).toBe(true);
  });
});

describe('a Fast Open child', () => {
  const sysctl = { [LONGEST]: 1000, 'net.ipv4.tcp_fastopen': 0x202 };
  const options = { sysctl, sockopt: { TCP_FASTOPEN: 4 } };
  it.each(['6.18.44', '7.2.13'])('has the longest timeout of its listener in %s', (release) => {
    const { distances } = played([LISTEN, synOf(1, 10), { wait: 9_000_000 }], { ...options, release });
    expect(distances).toHaveLength(6);
    for (const distance of distances) expect(Math.abs(distance - 1)).toBeLessThan(0.05);
  });
});

describe('tcp_rto_max_ms', () => {
  it('is a second to two minutes', () => {
    const values = [999, 1000, 120_000, 120_001, -1];
    const { results } = played([LISTEN, ...values.map((value): TraceEvent => ({ sysctl: { [LONGEST]: value } }))]);
    expect(results.slice(1)).toEqual(['EINVAL', 0, 0, 'EINVAL', 'EINVAL']);
  });

  it('came to 6.18 before negative rate limits were taken', () => {
    const events: TraceEvent[] = [LISTEN, { sysctl: { 'net.ipv4.tcp_invalid_ratelimit': -1 } }];
    expect(played(events, { release: '6.18.44' }).results[1]).toBe('EINVAL');
    expect(played(events).results[1]).toBe(0);
  });

  it('is not known to 6.12', () => {
    const events = [LISTEN, { sysctl: { [LONGEST]: 1000 } }];
    expect(played(events, { kernel: linux_6_12, release: '6.12.117' }).results[1]).toBe('ENOENT');
  });
});
