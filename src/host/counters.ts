/** The counters that the listen path and the sockets it makes can move, by the names that nstat shows without their prefix. */

/** The columns of the `Tcp` row of /proc/net/snmp, in their order there. */
export const TCP_ROW = [
  'PassiveOpens',
  'AttemptFails',
  'EstabResets',
  'InSegs',
  'OutSegs',
  'RetransSegs',
  'InErrs',
  'OutRsts',
] as const;

/** The columns of the `TcpExt` row of /proc/net/netstat, in their order there, which is the same in all kernels. */
export const TCP_EXT_ROW = [
  'SyncookiesSent',
  'SyncookiesRecv',
  'SyncookiesFailed',
  'EmbryonicRsts',
  'PAWSPassive',
  'PAWSEstab',
  'BeyondWindow',
  'DelayedACKs',
  'DelayedACKLocked',
  'DelayedACKLost',
  'ListenOverflows',
  'ListenDrops',
  'TCPHPHits',
  'TCPPureAcks',
  'TCPHPAcks',
  'TCPTimeouts',
  'TCPAbortOnSyn',
  'TCPAbortOnData',
  'TCPAbortOnClose',
  'TCPAbortOnTimeout',
  'TCPDeferAcceptDrop',
  'TCPReqQFullDoCookies',
  'TCPReqQFullDrop',
  'TCPRcvCoalesce',
  'TCPOFOQueue',
  'TCPOFOMerge',
  'TCPChallengeACK',
  'TCPSYNChallenge',
  'TCPFastOpenPassive',
  'TCPFastOpenPassiveFail',
  'TCPFastOpenListenOverflow',
  'TCPFromZeroWindowAdv',
  'TCPToZeroWindowAdv',
  'TCPWantZeroWindowAdv',
  'TCPSynRetrans',
  'TCPACKSkippedSynRecv',
  'TCPACKSkippedSeq',
  'TCPACKSkippedChallenge',
  'TCPZeroWindowDrop',
  'TcpDuplicateDataRehash',
] as const;

export type CounterName = (typeof TCP_ROW)[number] | (typeof TCP_EXT_ROW)[number];
