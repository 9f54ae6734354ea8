/** The smallest trace that is one, to break in one place at a time. */

import type { SentSegment, Step, TraceHeader } from '../../src/generated/types.js';
import { TraceDecoder, type TraceRecord } from '../../src/trace/decode.js';

export const header: TraceHeader = {
  trace: 1,
  id: 'small',
  kernel: { name: 'linux', release: '4.15.11', variant: '4.15', hz: 1000 },
  origin: 'recorded',
  sysctl: { 'net.core.somaxconn': 128 },
  sockopt: {},
};

export const listen: Step = {
  at: 10,
  event: { syscall: 'listen', backlog: 5 },
  result: 0,
  out: [],
  observed: {
    at: 20,
    listener: { state: 'LISTEN', acceptQueue: 0, maxAcceptQueue: 5 },
    sockets: [],
    counters: {},
    until: 30,
  },
};

export const synAck: SentSegment = {
  at: 45,
  peer: 7,
  flags: ['SYN', 'ACK'],
  newIsn: true,
  seq: { of: 'synack', plus: 0 },
  ack: 101,
};

export const syn: Step = {
  at: 40,
  event: { segments: [{ peer: 7, flags: ['SYN'], seq: 100 }] },
  out: [synAck],
  observed: {
    at: 50,
    listener: { state: 'LISTEN', acceptQueue: 0, maxAcceptQueue: 5 },
    sockets: [{ peer: 7, state: 'SYN_RECV', retransmits: 0, accepted: false }],
    counters: { InSegs: 1, OutSegs: 1 },
    until: 60,
  },
};

/** The lines as a file has them; what is not text yet becomes JSON. */
export function file(...lines: readonly unknown[]): Buffer {
  return Buffer.from(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
}

/** What a decoder makes of a file that comes in chunks of `size` bytes. */
export function decode(bytes: Buffer, size = bytes.length): TraceRecord[] {
  const decoder = new TraceDecoder();
  const records: TraceRecord[] = [];
  for (let i = 0; i < bytes.length; i += size) records.push(...decoder.decode(bytes.subarray(i, i + size)));
  return [...records, ...decoder.end()];
}

/** The records in short: `header 1`, `step 2`, `3 $.at: missing`. */
export function summary(records: readonly TraceRecord[]): string[] {
  return records.map((record) =>
    record.kind === 'invalid'
      ? `${record.line} ${record.path === '' ? '' : `${record.path}: `}${record.message}`
      : `${record.kind} ${record.line}`,
  );
}
