import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePacket, encodePacket, FLAG_BITS, type Packet } from '../../src/trace/packet.js';
import { receivedSum } from '../support/checksum.js';

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });

const packets: fc.Arbitrary<Packet> = fc.record(
  {
    from: u32,
    to: u32,
    fromPort: u16,
    toPort: u16,
    seq: u32,
    ack: u32,
    flags: fc.integer({ min: 0, max: 31 }),
    window: u16,
    mss: u16,
    timestamp: fc.record({ value: u32, echo: u32 }),
    len: fc.integer({ min: 0, max: 3000 }),
  },
  { requiredKeys: ['from', 'to', 'fromPort', 'toPort', 'seq', 'ack', 'flags', 'window', 'len'], noNullPrototype: true },
);

const SYN: Packet = {
  from: 0x0a000002,
  to: 0x0a000001,
  fromPort: 10_000,
  toPort: 5000,
  seq: 1000,
  ack: 0,
  flags: FLAG_BITS.SYN,
  window: 65_535,
  mss: 1460,
  len: 0,
};

describe('a packet', () => {
  it('has the bytes of RFC 791 and RFC 9293', () => {
    // Both checksums were calculated apart from this code.
    const ip = '4500002c00004000400626ca0a0000020a000001';
    const tcp = '27101388000003e8000000006002ffff45a40000020405b4';
    expect(Buffer.from(encodePacket(SYN)).toString('hex')).toBe(ip + tcp);
  });

  it('says the same after it was written and read', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(decodePacket(encodePacket(packet))).toEqual(packet);
      }),
    );
  });

  it('has checksums that a receiver finds right, and that notice a change', () => {
    fc.assert(
      fc.property(packets, fc.nat(), (packet, where) => {
        const bytes = encodePacket(packet);
        const tcp = bytes.subarray(20);
        const pseudo = [...bytes.subarray(12, 20), 0, 6, tcp.length >> 8, tcp.length & 255];
        expect(receivedSum(bytes.subarray(0, 20))).toBe(0xffff);
        expect(receivedSum([...pseudo, ...tcp])).toBe(0xffff);
        const place = where % tcp.length;
        tcp[place] = (tcp[place] as number) ^ 1;
        expect(receivedSum([...pseudo, ...tcp])).not.toBe(0xffff);
      }),
    );
  });

  it('is known by its beginning, which has all headers', () => {
    const bytes = encodePacket({ ...SYN, len: 1000 });
    expect(decodePacket(bytes.subarray(0, 128))).toEqual({ ...SYN, len: 1000 });
  });

  it.each([
    ['nothing', (_: Uint8Array) => new Uint8Array(0)],
    ['a header that is cut off', (bytes: Uint8Array) => bytes.subarray(0, 39)],
    ['options that are cut off', (bytes: Uint8Array) => bytes.subarray(0, 43)],
    ['IPv6', (bytes: Uint8Array) => bytes.fill(0x60, 0, 1)],
    ['a header shorter than any', (bytes: Uint8Array) => bytes.fill(0x44, 0, 1)],
    ['UDP', (bytes: Uint8Array) => bytes.fill(17, 9, 10)],
    ['a fragment', (bytes: Uint8Array) => bytes.fill(1, 7, 8)],
    ['a TCP header shorter than any', (bytes: Uint8Array) => bytes.fill(0x40, 32, 33)],
    ['a length that leaves no room for its headers', (bytes: Uint8Array) => bytes.fill(43, 3, 4)],
  ])('%s is no segment', (_, damage) => {
    expect(decodePacket(damage(encodePacket(SYN)))).toBeUndefined();
  });

  it('has the options before one that is damaged', () => {
    const bytes = encodePacket({ ...SYN, timestamp: { value: 7, echo: 9 } });
    // The length of the timestamp, beyond the end of the header.
    bytes[20 + 20 + 4 + 3] = 40;
    expect(decodePacket(bytes)).toEqual(SYN);
  });
});
