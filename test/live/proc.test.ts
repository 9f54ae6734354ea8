import { describe, expect, it } from 'vitest';
import { counterRow, tcpRows, tcpState } from '../../src/live/proc.js';

const SNMP = `Ip: Forwarding DefaultTTL
Ip: 2 64
Tcp: RtoAlgorithm MaxConn PassiveOpens
Tcp: 1 -1 4294967296
`;

describe('a row of counters', () => {
  it('is found by its protocol', () => {
    expect(counterRow(SNMP, 'Tcp')).toEqual({ RtoAlgorithm: 1, MaxConn: -1, PassiveOpens: 4294967296 });
  });

  it.each([
    ['there are no counters of TcpExt', SNMP, 'TcpExt'],
    ['there are no counters of Tcp', '', 'Tcp'],
    ['there are no counters of Tcp', 'Tcp: InSegs\n', 'Tcp'],
    ['Tcp has 2 names of counters and 1 values', 'Tcp: InSegs OutSegs\nTcp: 1\n', 'Tcp'],
    ['the counter InSegs of Tcp is no number: 1x', 'Tcp: InSegs\nTcp: 1x\n', 'Tcp'],
  ])('says "%s"', (message, text, protocol) => {
    expect(() => counterRow(text, protocol)).toThrow(new Error(message));
  });
});

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const REQUEST =
  '   1: 0100000A:1388 0200000A:2710 03 00000000:00000000 01:0000001D 0000000B     0        0 0 1 0000000000000000                               \n';
const LISTENER =
  '   0: 00000000:1388 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 17 1 0000000000000000 100 0 0 10 0                  \n';
const CONNECTION =
  '1234: 0100000A:1388 0301000A:2711 08 00000000:00000001 00:00000000 00000000  1000        0 4294967295 1 0000000000000000 20 4 30 10 -1                 \n';

describe('/proc/net/tcp', () => {
  it('has a row for each socket', () => {
    expect(tcpRows(HEADING + LISTENER + REQUEST + CONNECTION)).toEqual([
      { localPort: 5000, remote: 0, state: 'LISTEN', retransmits: 0, inode: 17 },
      { localPort: 5000, remote: 0x0a000002, state: 'SYN_RECV', retransmits: 11, inode: 0 },
      { localPort: 5000, remote: 0x0a000103, state: 'CLOSE_WAIT', retransmits: 0, inode: 4294967295 },
    ]);
  });

  it('may be empty but for its heading', () => {
    expect(tcpRows(HEADING)).toEqual([]);
  });

  it.each([
    ['a line that is cut off', HEADING + REQUEST.slice(0, 60)],
    ['a line of /proc/net/tcp6', `${HEADING}   0: ${'0'.repeat(32)}:1388 ${'0'.repeat(32)}:0000 0A 0:0 00:0 0 0 0 1\n`],
    ['text', `${HEADING}nothing\n`],
  ])('%s is told', (_, text) => {
    expect(() => tcpRows(text)).toThrow(/^no line of \/proc\/net\/tcp: /);
  });

  it('with a state that nobody knows is told', () => {
    expect(() => tcpRows(HEADING + REQUEST.replace(' 03 ', ' 0D '))).toThrow('there is no TCP state 13');
    expect(() => tcpState(0)).toThrow('there is no TCP state 0');
  });
});
