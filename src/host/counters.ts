/** The counters that the listen path and the sockets it makes can move, by the names that nstat shows without their prefix. */

/** The columns of the `Tcp` row of /proc/net/snmp. */
export const TCP_ROW = [
  'AttemptFails',
  'EstabResets',
  'InErrs',
  'InSegs',
  'OutRsts',
  'OutSegs',
  'PassiveOpens',
  'RetransSegs',
] as const;

/** The columns of the `TcpExt` row of /proc/net/netstat. */
export const TCP_EXT_ROW = [
  'DelayedACKLocked',
  'DelayedACKLost',
  'DelayedACKs',
  'EmbryonicRsts',
  'ListenDrops',
  'ListenOverflows',
  'PAWSEstab',
  'PAWSPassive',
  'SyncookiesFailed',
  'SyncookiesRecv',
  'SyncookiesSent',
  'TCPACKSkippedChallenge',
  'TCPACKSkippedSeq',
  'TCPACKSkippedSynRecv',
  'TCPAbortOnClose',
  'TCPAbortOnData',
  'TCPAbortOnSyn',
  'TCPAbortOnTimeout',
  'TCPChallengeACK',
  'TCPDeferAcceptDrop',
  'TCPFastOpenListenOverflow',
  'TCPFastOpenPassive',
  'TCPFastOpenPassiveFail',
  'TCPOFOMerge',
  'TCPOFOQueue',
  'TCPPureAcks',
  'TCPHPHits',
  'TCPHPAcks',
  'TCPRcvCoalesce',
  'TCPReqQFullDoCookies',
  'TCPReqQFullDrop',
  'TCPSYNChallenge',
  'TCPSynRetrans',
  'TCPTimeouts',
] as const;

export type CounterName = (typeof TCP_ROW)[number] | (typeof TCP_EXT_ROW)[number];
