/** Segments between the form that a trace has and the form that a model has. */

import type { ArrivingSegment, Flag, SentSegment, TraceEvent } from '../generated/types.js';
import { type OutSegment, type SkBuff, skb } from '../host/segment.js';
import { type SequenceNumber, u32 } from '../host/sequence.js';

/** The sequence number of the last SYN-ACK to each peer: what a trace's numbers are relative to. */
export type SynAcks = Map<number, SequenceNumber>;

/** A segment that arrives, with its acknowledgement number made absolute. */
export function arriving(segment: ArrivingSegment, synAcks: SynAcks): SkBuff {
  const { flags, ack } = segment;
  const base = ack?.of === 'synack' ? (synAcks.get(segment.peer) ?? 0) : 0;
  return skb({
    peer: segment.peer,
    syn: flags.includes('SYN'),
    ack: flags.includes('ACK'),
    rst: flags.includes('RST'),
    fin: flags.includes('FIN'),
    psh: flags.includes('PSH'),
    seq: segment.seq,
    ack_seq: ack === undefined ? 0 : u32(base + ack.plus),
    len: segment.len ?? 0,
    saw_tstamp: segment.options?.includes('TS') ?? false,
    broadcast: segment.broadcast ?? false,
  });
}

/**
 * An event as a trace has it. An acknowledgement number that is told without a SYN-ACK to count from, though its peer has had one, is counted from
 * that: the server's numbers are random, and only so does the trace say how the two lie.
 */
export function countedFromSynAcks(event: TraceEvent, synAcks: SynAcks): TraceEvent {
  if (!('segments' in event)) return event;
  const told = event.segments.some(({ peer, ack }) => ack?.of === 'nothing' && synAcks.has(peer));
  if (!told) return event;
  const segments = event.segments.map((segment): ArrivingSegment => {
    const base = synAcks.get(segment.peer);
    if (base === undefined || segment.ack?.of !== 'nothing') return segment;
    return { ...segment, ack: { of: 'synack', plus: (segment.ack.plus - base) | 0 } };
  });
  return { ...event, segments };
}

/** A segment that was sent, as a trace writes it, but for its time. Notes a SYN-ACK's number in `synAcks`. */
export function sent(segment: OutSegment, synAcks: SynAcks): Omit<SentSegment, 'at'> {
  const { peer, seq } = segment;
  const isSynAck = segment.syn && segment.ack;
  const last = synAcks.get(peer);
  if (isSynAck) synAcks.set(peer, seq);
  const base = isSynAck ? seq : segment.rst && segment.ack && seq === 0 ? undefined : last;
  return {
    peer,
    flags: flagsOf(segment),
    ...(isSynAck && last !== seq ? { newIsn: true } : {}),
    seq: base === undefined ? { of: 'nothing', plus: seq } : { of: 'synack', plus: (seq - base) | 0 },
    ...(segment.ack ? { ack: segment.ack_seq } : {}),
    ...(segment.len > 0 ? { len: segment.len } : {}),
  };
}

/** The names of the flags that are set, in the order in which traces list them. */
function flagsOf(segment: OutSegment): Flag[] {
  const flags: Flag[] = [];
  if (segment.fin) flags.push('FIN');
  if (segment.syn) flags.push('SYN');
  if (segment.rst) flags.push('RST');
  if (segment.psh) flags.push('PSH');
  if (segment.ack) flags.push('ACK');
  return flags;
}
