/** Ways to falsify one observed fact of a trace, so that a judge can be judged by what it rejects. */

import type * as trace from '../../src/generated/types.js';

/** A document of which every part can be changed. */
export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
type Step = Mutable<trace.Step>;
type SentSegment = Mutable<trace.SentSegment>;
type SocketRow = Mutable<trace.SocketRow>;

/** Picks an integer from 0 to n - 1. */
export type Pick = (n: number) => number;

/** One kind of lie. */
export interface Corruption {
  /** In kebab-case. */
  readonly kind: string;
  /** What it does, in one sentence. */
  readonly sentence: string;
  /**
   * Falsifies one fact of `steps`, which it may change in place. False when there is nothing that it could falsify.
   */
  corrupt(steps: Mutable<trace.Step>[], pick: Pick): boolean;
}

/** A segment somewhere in the trace that passes `test`. */
function segmentOf(
  steps: Step[],
  pick: Pick,
  test: (segment: SentSegment, step: Step) => boolean,
): { step: Step; index: number } | undefined {
  const found: { step: Step; index: number }[] = [];
  for (const step of steps) {
    for (const [index, segment] of step.out.entries()) if (test(segment, step)) found.push({ step, index });
  }
  return found.length === 0 ? undefined : found[pick(found.length)];
}

const any = (): boolean => true;

/** A step somewhere in the trace that passes `test`. */
function stepOf(steps: Step[], pick: Pick, test: (step: Step) => boolean): Step | undefined {
  const found = steps.filter(test);
  return found.length === 0 ? undefined : found[pick(found.length)];
}

/** Runs `change` on a segment that passes `test`. */
const onSegment =
  (
    test: (segment: SentSegment, step: Step) => boolean,
    change: (out: SentSegment[], index: number, pick: Pick, step: Step) => void,
  ) =>
  (steps: Step[], pick: Pick): boolean => {
    const found = segmentOf(steps, pick, test);
    if (found === undefined) return false;
    change(found.step.out, found.index, pick, found.step);
    return true;
  };

/** Runs `change` on a row of /proc/net/tcp. */
const onRow =
  (change: (rows: SocketRow[], index: number, pick: Pick) => boolean) =>
  (steps: Step[], pick: Pick): boolean => {
    const rows = stepOf(steps, pick, ({ observed }) => (observed.sockets?.length ?? 0) > 0)?.observed.sockets;
    return rows !== undefined && change(rows, pick(rows.length), pick);
  };

const inOrder = (out: SentSegment[]): void => {
  out.sort((a, b) => a.at - b.at);
};

/** How far a retransmission is moved at least, µs. */
const MOVE = 400_000;

export const corruptions: readonly Corruption[] = [
  {
    kind: 'drop-segment',
    sentence: 'A segment that was sent is missing.',
    corrupt: onSegment(any, (out, index) => out.splice(index, 1)),
  },
  {
    kind: 'add-segment',
    sentence: 'A segment is there that was never sent: a copy of one from elsewhere in the trace.',
    corrupt(steps, pick) {
      const found = segmentOf(steps, pick, any);
      if (found === undefined) return false;
      const step = steps[pick(steps.length)] as Step;
      const model = found.step.out[found.index] as SentSegment;
      step.out.push({ ...model, at: Math.max(step.at, step.out.at(-1)?.at ?? 0) });
      return true;
    },
  },
  {
    kind: 'duplicate-segment',
    sentence: 'A segment appears twice.',
    corrupt: onSegment(any, (out, index) => out.splice(index, 0, { ...(out[index] as SentSegment) })),
  },
  {
    kind: 'change-flags',
    sentence: 'A segment has other flags.',
    corrupt: onSegment(any, (out, index, pick) => {
      const segment = out[index] as SentSegment;
      const others = (['SYN+ACK', 'RST+ACK', 'RST', 'ACK', 'FIN+ACK'] as const).filter(
        (one) => one !== segment.flags.join('+'),
      );
      segment.flags = (others[pick(others.length)] as string).split('+') as SentSegment['flags'];
    }),
  },
  {
    kind: 'change-number',
    sentence: 'The sequence or acknowledgement number of a segment is another one.',
    corrupt: onSegment(any, (out, index, pick) => {
      const segment = out[index] as SentSegment;
      const by = 1 + pick(1000);
      if (segment.ack !== undefined && pick(2) === 0) segment.ack = (segment.ack + by) % 2 ** 32;
      else segment.seq = { ...segment.seq, plus: segment.seq.plus + by };
    }),
  },
  {
    kind: 'change-peer',
    sentence: 'A segment goes to another peer of the trace.',
    corrupt(steps, pick) {
      const peers = new Set(
        steps.flatMap(({ event }) => ('segments' in event ? event.segments.map(({ peer }) => peer) : [])),
      );
      const found = segmentOf(steps, pick, any);
      if (found === undefined) return false;
      const segment = found.step.out[found.index] as SentSegment;
      peers.delete(segment.peer);
      if (peers.size === 0) return false;
      segment.peer = [...peers][pick(peers.size)] as number;
      return true;
    },
  },
  {
    kind: 'move-retransmission',
    sentence: 'A SYN-ACK that a timer sent again comes 400 ms or more earlier or later.',
    corrupt: onSegment(
      (segment, step) => 'wait' in step.event && segment.flags[0] === 'SYN' && segment.at - step.at > MOVE,
      (out, index, pick, step) => {
        const segment = out[index] as SentSegment;
        const earlier = segment.at - step.at - MOVE;
        const later = step.observed.at - segment.at - MOVE;
        const forward = later > 0 && (earlier <= 0 || pick(2) === 0);
        const room = Math.min(forward ? later : earlier, 5_000_000);
        segment.at += (forward ? 1 : -1) * (MOVE + pick(Math.max(1, room)));
        inOrder(out);
      },
    ),
  },
  {
    kind: 'change-result',
    sentence: 'A system call has another result, or accept returns another peer.',
    corrupt(steps, pick) {
      const step = stepOf(steps, pick, ({ result }) => result !== undefined);
      if (step === undefined) return false;
      if (step.accepted !== undefined && pick(2) === 0) {
        step.accepted += 1;
      } else if (step.result === 0) {
        step.result = 'EINVAL';
        delete step.accepted;
      } else {
        step.result = 0;
      }
      return true;
    },
  },
  {
    kind: 'change-queue-length',
    sentence: 'The accept queue has another length or another limit.',
    corrupt(steps, pick) {
      const listener = stepOf(steps, pick, ({ observed }) => observed.listener !== undefined)?.observed.listener;
      if (listener === undefined) return false;
      const field = pick(2) === 0 ? 'acceptQueue' : 'maxAcceptQueue';
      listener[field] = listener[field] > 0 && pick(2) === 0 ? listener[field] - 1 : listener[field] + 1;
      return true;
    },
  },
  {
    kind: 'change-counter',
    sentence: 'A counter moved by one more, or by one less, than it did.',
    corrupt(steps, pick) {
      const { counters } = (steps[pick(steps.length)] as Step).observed;
      const names = [...Object.keys(counters), 'ListenDrops', 'ListenOverflows', 'SyncookiesSent', 'EmbryonicRsts'];
      const name = names[pick(names.length)] as string;
      const moved = counters[name] ?? 0;
      counters[name] = moved > 0 && pick(2) === 0 ? moved - 1 : moved + 1;
      if (counters[name] === 0) delete counters[name];
      return true;
    },
  },
  {
    kind: 'drop-row',
    sentence: 'A row of /proc/net/tcp is missing.',
    corrupt: onRow((rows, index) => rows.splice(index, 1).length === 1),
  },
  {
    kind: 'change-row',
    sentence: 'A row of /proc/net/tcp has another state, another number of retransmits, or another owner.',
    corrupt: onRow((rows, index, pick) => {
      const row = rows[index] as SocketRow;
      const what = pick(3);
      if (what === 0) row.state = row.state === 'SYN_RECV' ? 'ESTABLISHED' : 'SYN_RECV';
      else if (what === 1) row.retransmits += 1;
      else row.accepted = !row.accepted;
      return true;
    }),
  },
];
