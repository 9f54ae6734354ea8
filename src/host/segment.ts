/** TCP segments as the kernels see them. */

import { type SequenceNumber, u32 } from './sequence.js';

/** A segment on its way in: the fields of `struct sk_buff`, its control block and TCP header that the listen path reads. */
export interface SkBuff {
  /** The peer's number; it stands for the address and port that the segment came from. */
  readonly peer: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly rst: boolean;
  readonly fin: boolean;
  readonly psh: boolean;
  /** First sequence number. */
  readonly seq: SequenceNumber;
  /** One past the last sequence number; SYN and FIN count one each. */
  readonly end_seq: SequenceNumber;
  /** Acknowledgement number; 0 where the ACK flag is not set. */
  readonly ack_seq: SequenceNumber;
  /** Payload bytes. */
  readonly len: number;
  /** It carries a timestamp option. */
  readonly saw_tstamp: boolean;
  /** That option's value; 0 where it doesn't matter or isn't known. */
  readonly rcv_tsval: number;
  /** It was sent to a broadcast or multicast address. */
  readonly broadcast: boolean;
  /** Its source is in TIME-WAIT here and hands on this initial sequence number; 0: it is not. */
  readonly tw_isn: number;
}

/** A segment on its way out. */
export interface OutSegment {
  readonly peer: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly rst: boolean;
  readonly fin: boolean;
  readonly psh: boolean;
  readonly seq: SequenceNumber;
  /** Acknowledgement number; 0 where the ACK flag is not set. */
  readonly ack_seq: SequenceNumber;
  readonly len: number;
  /** The rule that sent it, for explanations. */
  readonly rule: string;
}

/** Builds an incoming segment; what is not given is absent or zero. */
export function skb(
  fields: Partial<Omit<SkBuff, 'end_seq'>> & { readonly peer: number; readonly seq: number },
): SkBuff {
  const syn = fields.syn ?? false;
  const fin = fields.fin ?? false;
  const len = fields.len ?? 0;
  return {
    peer: fields.peer,
    syn,
    ack: fields.ack ?? false,
    rst: fields.rst ?? false,
    fin,
    psh: fields.psh ?? false,
    seq: u32(fields.seq),
    end_seq: u32(fields.seq + len + (syn ? 1 : 0) + (fin ? 1 : 0)),
    ack_seq: u32(fields.ack_seq ?? 0),
    len,
    saw_tstamp: fields.saw_tstamp ?? false,
    rcv_tsval: u32(fields.rcv_tsval ?? 0),
    broadcast: fields.broadcast ?? false,
    tw_isn: fields.tw_isn ?? 0,
  };
}
