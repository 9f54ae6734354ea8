import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/generated/types.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { fencedDiagram, peersOf, sequenceDiagram } from '../../src/report/sequence-diagram.js';
import { played } from '../support/played.js';
import { goldenTraces } from '../support/recordings.js';

const syn = (peer: number): TraceEvent => ({ segments: [{ peer, flags: ['SYN'], seq: 1000 }] });
const ack = (peer: number): TraceEvent => ({
  segments: [{ peer, flags: ['ACK'], seq: 1001, ack: { of: 'synack', plus: 1 } }],
});
const sysctl = { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_synack_retries': 1 };

describe('the sequence diagram of a peer', () => {
  it('shows its segments, the calls that concern it, and by which rule nothing is answered', () => {
    const events: TraceEvent[] = [
      { syscall: 'listen', backlog: 1 },
      syn(1),
      syn(2),
      ack(2),
      { wait: 1_200_000 },
      ack(1),
      { syscall: 'accept', nonblocking: true },
      { syscall: 'accept', nonblocking: true },
    ];
    expect(`\n${sequenceDiagram(played(linux_4_15, events, { sysctl }), linux_4_15, 1)}\n`).toMatchInlineSnapshot(`
      "
      sequenceDiagram
        accTitle: Peer 1 of played on Linux 4.15
        participant C as peer 1
        participant K as Linux 4.15
        participant S as server
        S->>K: 0.000000 s  listen(fd, 1)
        C->>K: 0.000000 s  SYN, seq 1000
        K->>C: 0.000000 s  SYN+ACK, seq isn (new), ack 1001
        K->>C: 1.016608 s  SYN+ACK, seq isn, ack 1001
        C->>K: 1.200000 s  ACK, seq 1001, ack isn + 1
        Note over K: A valid ACK completes the handshake: the<br/>request leaves the SYN queue, and its<br/>connection enters the accept queue.<br/>tcp_check_req/handshake-complete
        S->>K: 1.200000 s  accept()
        K-->>S: the connection from peer 1
      "
    `);
  });

  it('tells when its request expires', () => {
    const trace = played(linux_4_15, [{ syscall: 'listen', backlog: 5 }, syn(1), { wait: 20_000_000 }], { sysctl });
    const diagram = sequenceDiagram(trace, linux_4_15, 1);
    expect(diagram.match(/K->>C/g)?.length).toBe(2);
    expect(diagram).toMatch(/Note over K: 3\.\d{6} s<br\/>A request .*<br\/>syn_ack_recalc\/expire$/);
  });

  it('tells of every peer of a golden trace all its segments', () => {
    for (const { header, steps } of goldenTraces('linux-4.15', 'named').slice(0, 120)) {
      for (const peer of peersOf({ header, steps }).slice(0, 3)) {
        const diagram = sequenceDiagram({ header, steps }, linux_4_15, peer);
        const [from, to] = [diagram.match(/^ {2}C->>K/gm), diagram.match(/^ {2}K->>C/gm)];
        const arriving = steps.flatMap(({ event }) => ('segments' in event ? event.segments : []));
        const sent = steps.flatMap(({ out }) => out);
        const own = (segments: readonly { readonly peer: number }[]) => segments.filter((one) => one.peer === peer);
        expect([header.id, from?.length ?? 0]).toEqual([header.id, own(arriving).length]);
        expect([header.id, to?.length ?? 0]).toEqual([header.id, own(sent).length]);
      }
    }
  });

  it('takes an id from anywhere for text', () => {
    const trace = played(linux_4_15, [{ syscall: 'listen', backlog: 1 }, syn(1)]);
    const header = { ...trace.header, id: '```\n%%{init: {}}%%; <b>#x"' };
    const block = fencedDiagram(sequenceDiagram({ ...trace, header }, linux_4_15, 1));
    const [, title] = /accTitle: (.*)/.exec(block) ?? [];
    expect(title).toBe(
      'Peer 1 of #96;#96;#96;\uFFFD#37;#37;#123;init: #123;#125;#125;#37;#37;#59; #60;b#62;#35;x#34; on Linux 4.15',
    );
    expect(block.match(/```/g)?.length).toBe(2);
  });
});
