/**
 * What `netstat -s` calls the counters that the models move. The words are the tool's and not the kernel's, so each kernel is given the
 * net-tools of its time: 1.60 with 2.6.32, 2.10 from 4.15 on. What is listed nowhere is printed by its name.
 */

import { isSince } from '../../host/kernel-spec.js';

/** Words by row and name of a counter, with `#` for the number. */
interface Words {
  readonly Tcp: Readonly<Record<string, string>>;
  readonly TcpExt: Readonly<Record<string, string>>;
  /** What is shown even where it is 0. All of the `Tcp` row that has words is, too. */
  readonly always: ReadonlySet<string>;
}

const SAME = {
  Tcp: {
    PassiveOpens: '# passive connection openings',
    AttemptFails: '# failed connection attempts',
    EstabResets: '# connection resets received',
    CurrEstab: '# connections established',
    InSegs: '# segments received',
    OutRsts: '# resets sent',
  },
  TcpExt: {
    SyncookiesSent: '# SYN cookies sent',
    SyncookiesRecv: '# SYN cookies received',
    SyncookiesFailed: '# invalid SYN cookies received',
    EmbryonicRsts: '# resets received for embryonic SYN_RECV sockets',
    PAWSPassive: '# passive connections rejected because of time stamp',
    DelayedACKs: '# delayed acks sent',
    DelayedACKLocked: '# delayed acks further delayed because of locked socket',
    DelayedACKLost: 'Quick ack mode was activated # times',
    ListenOverflows: '# times the listen queue of a socket overflowed',
    TCPHPHits: '# packet headers predicted',
    TCPHPAcks: '# predicted acknowledgments',
    TCPAbortOnSyn: '# connections reset due to unexpected SYN',
    TCPAbortOnData: '# connections reset due to unexpected data',
    TCPAbortOnClose: '# connections reset due to early user close',
    TCPAbortOnTimeout: '# connections aborted due to timeout',
  },
} as const;

/** The words of net-tools 1.60 with the descriptions that were added in October 2001, before they were changed in February 2003. */
const NET_TOOLS_1_60: Words = {
  Tcp: {
    ...SAME.Tcp,
    ActiveOpens: '# active connections openings',
    OutSegs: '# segments send out',
    RetransSegs: '# segments retransmited',
    InErrs: '# bad segments received.',
  },
  TcpExt: {
    ...SAME.TcpExt,
    ListenDrops: '# SYNs to LISTEN sockets ignored',
    PAWSEstab: '# packets rejects in established connections because of timestamp',
    TCPPureAcks: '# acknowledgments not containing data received',
    TCPLoss: '# TCP data loss events',
    TCPTimeouts: '# other TCP timeouts',
  },
  always: new Set(['TCPHPHits', 'TCPLoss']),
};

/**
 * The words of net-tools 2.10. It has some for TCPTimeouts too, but looks them up by bisection in a table that is not sorted as it
 * should be, so it never finds them.
 */
const NET_TOOLS_2_10: Words = {
  Tcp: {
    ...SAME.Tcp,
    ActiveOpens: '# active connection openings',
    OutSegs: '# segments sent out',
    RetransSegs: '# segments retransmitted',
    InErrs: '# bad segments received',
  },
  TcpExt: {
    ...SAME.TcpExt,
    ListenDrops: '# SYNs to LISTEN sockets dropped',
    PAWSEstab: '# packets rejected in established connections because of timestamp',
    TCPPureAcks: '# acknowledgments not containing data payload received',
  },
  always: new Set(['TCPHPHits']),
};

/** The words of a kernel's time. */
export const netstatWords = (kernel: string): Words => (isSince(kernel, '4.15') ? NET_TOOLS_2_10 : NET_TOOLS_1_60);

/** What is never shown. */
export const NEVER_SHOWN: ReadonlySet<string> = new Set(['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn']);
