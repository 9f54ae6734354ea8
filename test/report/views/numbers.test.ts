import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock } from '../../../src/host/clock.js';
import { dotted, endpointOf, peerAt } from '../../../src/report/views/addresses.js';
import { clockT, jiffiesBetween } from '../../../src/report/views/clock-t.js';

describe('the end of a peer', () => {
  it('is an address in 198.18.0.0/15 with a port', () => {
    const end = (peer: number): string => `${dotted(endpointOf(peer).address)}:${endpointOf(peer).port}`;
    expect(end(1)).toBe('198.18.0.1:32768');
    expect(end(65_537)).toBe('198.19.0.1:32768');
    expect(end(131_073)).toBe('198.18.0.1:32769');
    expect(end(2 ** 32 - 1)).toBe('198.19.255.255:65535');
  });

  it('belongs to that peer alone', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (peer) => peerAt(endpointOf(peer)) === peer),
      { seed: 1 },
    );
    expect(peerAt({ address: 0xc0000201, port: 40_000 })).toBeUndefined();
    expect(peerAt({ address: 0xc6140000, port: 40_000 })).toBeUndefined();
    expect(peerAt({ address: 0xc6120000, port: 80 })).toBeUndefined();
  });
});

describe('a time in /proc', () => {
  const clock = (hz: number): Clock => Clock.known(hz, 0, 0, 0);

  it('is rounded down', () => {
    expect(clockT('4.15', clock(1000), 1000)).toBe(100n);
    expect(clockT('4.15', clock(1000), 19)).toBe(1n);
    expect(clockT('4.15', clock(250), 250)).toBe(100n);
    expect(clockT('4.15', clock(100), 100)).toBe(100n);
  });

  it('suffers in 2.6.32 from a tick that is not what it is meant to be', () => {
    expect(clockT('2.6.32', clock(1000), 3000)).toBe(299n);
    expect(clockT('2.6.32', clock(1000), 3001)).toBe(300n);
    // At HZ=250 the chip's tick is 4.000250 ms, and at HZ=100 just 10 ms.
    expect(clockT('2.6.32', clock(250), 40_000)).toBe(16_001n);
    expect(clockT('2.6.32', clock(100), 300)).toBe(300n);
  });

  it('that has passed is a huge number in 2.6.32, and 0 in 4.15', () => {
    expect(clockT('2.6.32', clock(1000), -1).toString(16)).toBe('1ad7f29abca');
    expect(clockT('2.6.32', clock(1000), -500).toString(16)).toBe('1ad7f29ab98');
    expect(clockT('2.6.32', clock(100), -1).toString(16)).toBe('ffffffffffffffff');
    expect(clockT('4.15', clock(1000), -1)).toBe(0n);
  });

  it('is counted in jiffies that begin between', () => {
    const late = Clock.known(1000, 600, 0, 0);
    expect(jiffiesBetween(clock(1000), 0, 2500)).toBe(2);
    expect(jiffiesBetween(late, 0, 2500)).toBe(3);
    expect(jiffiesBetween(late, 2500, 0)).toBe(-3);
  });
});
