/** All profiles, in the order in which campaigns go through them. */

import { abortOnOverflow } from './abort-on-overflow.js';
import { acceptOrder } from './accept-order.js';
import { childrenData } from './children-data.js';
import { cookieAge } from './cookie-age.js';
import { cookies } from './cookies.js';
import { deferAccept } from './defer-accept.js';
import { fastOpenProfile } from './fast-open.js';
import { faults } from './faults.js';
import { handshake } from './handshake.js';
import { lastQuarter } from './last-quarter.js';
import { lifecycle } from './lifecycle.js';
import { listenErrors } from './listen-errors.js';
import { listenLimits } from './listen-limits.js';
import { mixed } from './mixed.js';
import { oddSegments } from './odd-segments.js';
import { overflow } from './overflow.js';
import type { Profile } from './profile.js';
import { resets } from './resets.js';
import { retransmission } from './retransmission.js';
import { synFlood } from './syn-flood.js';
import { sysctlChanges } from './sysctl-changes.js';
import { timerEdges } from './timer-edges.js';
import { window } from './window.js';
import { youngPressure } from './young-pressure.js';

export { type Profile, type ProfileNeeds, unmetByProfile } from './profile.js';

/** From the plain to the strange. */
export const PROFILES: readonly Profile[] = [
  listenLimits,
  listenErrors,
  handshake,
  acceptOrder,
  overflow,
  abortOnOverflow,
  synFlood,
  lastQuarter,
  cookies,
  cookieAge,
  retransmission,
  youngPressure,
  deferAccept,
  fastOpenProfile,
  lifecycle,
  resets,
  oddSegments,
  childrenData,
  window,
  sysctlChanges,
  faults,
  timerEdges,
  mixed,
];
