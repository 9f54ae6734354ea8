/** What the clients see of a step. */

import type { SentSegment, SocketRow, Step } from '../generated/types.js';
import type { MachineState } from './machine-state.js';
import { grouped, peersInWords } from './peers.js';

type Row = SocketRow['state'] | undefined;

/** What one peer did and got in a step, and what the server had of it before and after. */
interface Encounter {
  readonly sent: ReadonlySet<string>;
  readonly got: readonly SentSegment[];
  readonly before: Row;
  readonly after: Row;
}

/** A sentence for all the clients to whom the same happened. */
export function clientsInWords(step: Step, before: MachineState, after: MachineState): string[] {
  const rows = (state: MachineState): Map<number, Row> => new Map(state.sockets.map((row) => [row.peer, row.state]));
  const [rowsBefore, rowsAfter] = [rows(before), rows(after)];
  const sent = grouped('segments' in step.event ? step.event.segments : [], ({ peer }) => String(peer));
  const got = grouped(step.out, ({ peer }) => String(peer));
  const peers = new Set([...sent.keys(), ...got.keys(), ...[...rowsBefore.keys()].map(String)]);
  const told: { peer: number; words: string }[] = [];
  for (const key of peers) {
    const peer = Number(key);
    const words = fate({
      sent: new Set((sent.get(key) ?? []).flatMap(({ flags }) => flags)),
      got: got.get(key) ?? [],
      before: rowsBefore.get(peer),
      after: rowsAfter.get(peer),
    });
    if (words !== undefined) told.push({ peer, words });
  }
  if (step.accepted !== undefined) told.push({ peer: step.accepted, words: 'is served from now on' });
  told.sort((a, b) => a.peer - b.peer);
  const groups = grouped(told, ({ words }) => words);
  return [...groups].map(([words, group]) => `${peersInWords(group.map(({ peer }) => peer))}: ${words}`);
}

function fate({ sent, got, before, after }: Encounter): string | undefined {
  const flags = new Set(got.flatMap((segment) => segment.flags));
  if (flags.has('RST')) {
    return sent.has('SYN') ? 'connect() fails with ECONNREFUSED' : 'is reset: its next call fails with ECONNRESET';
  }
  if (flags.has('SYN')) return synAck(sent, got.length, after);
  if (sent.has('RST')) return undefined;
  if (sent.has('SYN') && got.length === 0) return 'no answer; it sends its SYN again';
  if (sent.has('ACK')) return handshake(before, after, got.length);
  if (sent.size === 0 && got.length === 0 && before === 'SYN_RECV' && after === undefined) {
    return 'its request is forgotten, and nobody tells it';
  }
  return undefined;
}

function synAck(sent: ReadonlySet<string>, times: number, after: Row): string {
  if (!sent.has('SYN')) return times === 1 ? 'gets the SYN-ACK again' : `gets the SYN-ACK ${times} times more`;
  if (after === undefined) return 'connect() succeeds, though the server keeps nothing: the SYN-ACK is a cookie';
  return 'connect() succeeds';
}

function handshake(before: Row, after: Row, answers: number): string | undefined {
  if (after === 'SYN_RECV') return 'is connected as far as it knows; the server still has a request';
  const isNew = before === undefined || before === 'SYN_RECV';
  if (after !== undefined && isNew) return 'is connected, and waits to be accepted';
  return answers === 0 && after === undefined ? 'no answer' : undefined;
}
