/** TCP segments as the bytes of an IPv4 packet, and back. */

/** A segment with everything that is on the wire, as far as anybody here looks at it. */
export interface Packet {
  /** IPv4 addresses as numbers: 10.0.0.1 is 0x0a000001. */
  readonly from: number;
  readonly to: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly seq: number;
  /** 0 where the flag ACK is not set. */
  readonly ack: number;
  /** Bits of {@link FLAG_BITS}. */
  readonly flags: number;
  readonly window: number;
  /** Maximum segment size, if the segment says one. */
  readonly mss?: number;
  /** The timestamp option, if there is one: its own value, and the one that it returns. */
  readonly timestamp?: { readonly value: number; readonly echo: number };
  /** Bytes of payload. */
  readonly len: number;
}

/** The flags of the TCP header, by bit. */
export const FLAG_BITS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

const IP_HEADER = 20;
const TCP_HEADER = 20;
const PROTOCOL_TCP = 6;
const OPTION = { end: 0, nop: 1, mss: 2, timestamp: 8 } as const;

/** The bytes of a packet; its payload is zeros. */
export function encodePacket(packet: Packet): Uint8Array {
  const options = encodeOptions(packet);
  const tcpLength = TCP_HEADER + options.length + packet.len;
  const bytes = new Uint8Array(IP_HEADER + tcpLength);
  const ip = viewOf(bytes);
  ip.setUint8(0, 0x45);
  ip.setUint16(2, bytes.length);
  // Not to be fragmented.
  ip.setUint16(6, 0x4000);
  ip.setUint8(8, 64);
  ip.setUint8(9, PROTOCOL_TCP);
  ip.setUint32(12, packet.from);
  ip.setUint32(16, packet.to);
  ip.setUint16(10, checksum(bytes.subarray(0, IP_HEADER)));
  const segment = bytes.subarray(IP_HEADER);
  const tcp = viewOf(segment);
  tcp.setUint16(0, packet.fromPort);
  tcp.setUint16(2, packet.toPort);
  tcp.setUint32(4, packet.seq);
  tcp.setUint32(8, packet.ack);
  tcp.setUint8(12, ((TCP_HEADER + options.length) / 4) << 4);
  tcp.setUint8(13, packet.flags);
  tcp.setUint16(14, packet.window);
  segment.set(options, TCP_HEADER);
  // The pseudo header: both addresses, the protocol, and the length of the segment.
  tcp.setUint16(16, checksum(segment, sum(bytes.subarray(12, IP_HEADER)) + PROTOCOL_TCP + tcpLength));
  return bytes;
}

/**
 * What a packet says. Checksums are not looked at: the kernel made them.
 * @param bytes its beginning, with all headers
 * @returns undefined where it is no whole TCP segment over IPv4
 */
export function decodePacket(bytes: Uint8Array): Packet | undefined {
  const first = bytes[0] ?? 0;
  const ipLength = (first & 15) * 4;
  if (first >> 4 !== 4 || ipLength < IP_HEADER || bytes.length < ipLength + TCP_HEADER) return undefined;
  const ip = viewOf(bytes);
  const fragment = ip.getUint16(6) & 0x3fff;
  if (bytes[9] !== PROTOCOL_TCP || fragment !== 0) return undefined;
  const segment = bytes.subarray(ipLength);
  const tcp = viewOf(segment);
  const tcpLength = (tcp.getUint8(12) >> 4) * 4;
  const len = ip.getUint16(2) - ipLength - tcpLength;
  if (tcpLength < TCP_HEADER || segment.length < tcpLength || len < 0) return undefined;
  return {
    from: ip.getUint32(12),
    to: ip.getUint32(16),
    fromPort: tcp.getUint16(0),
    toPort: tcp.getUint16(2),
    seq: tcp.getUint32(4),
    ack: tcp.getUint32(8),
    flags: tcp.getUint8(13) & 0x1f,
    window: tcp.getUint16(14),
    ...decodeOptions(segment.subarray(TCP_HEADER, tcpLength)),
    len,
  };
}

function encodeOptions({ mss, timestamp }: Packet): Uint8Array {
  const bytes = new Uint8Array((mss === undefined ? 0 : 4) + (timestamp === undefined ? 0 : 12));
  const view = viewOf(bytes);
  let at = 0;
  if (mss !== undefined) {
    bytes.set([OPTION.mss, 4]);
    view.setUint16(2, mss);
    at = 4;
  }
  if (timestamp !== undefined) {
    bytes.set([OPTION.nop, OPTION.nop, OPTION.timestamp, 10], at);
    view.setUint32(at + 4, timestamp.value);
    view.setUint32(at + 8, timestamp.echo);
  }
  return bytes;
}

/** The options that {@link Packet} has; what comes after one that is cut off is left out. */
function decodeOptions(options: Uint8Array): Pick<Packet, 'mss' | 'timestamp'> {
  const view = viewOf(options);
  let mss: number | undefined;
  let timestamp: Packet['timestamp'];
  for (let i = 0; i < options.length && options[i] !== OPTION.end; ) {
    if (options[i] === OPTION.nop) {
      i += 1;
      continue;
    }
    const length = options[i + 1] ?? 0;
    if (length < 2 || i + length > options.length) break;
    if (options[i] === OPTION.mss && length === 4) mss = view.getUint16(i + 2);
    if (options[i] === OPTION.timestamp && length === 10) {
      timestamp = { value: view.getUint32(i + 2), echo: view.getUint32(i + 6) };
    }
    i += length;
  }
  return { ...(mss === undefined ? {} : { mss }), ...(timestamp === undefined ? {} : { timestamp }) };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The sum of the 16-bit words; an odd byte at the end counts as one with a zero after it. */
function sum(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  let total = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) total += view.getUint16(i);
  if (bytes.length % 2 === 1) total += view.getUint8(bytes.length - 1) << 8;
  return total;
}

/** The Internet checksum (RFC 1071) of bytes whose own checksum is 0. */
function checksum(bytes: Uint8Array, start = 0): number {
  let total = start + sum(bytes);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}
