/** All invariants: what holds of every trace by itself. */

import type { Invariant, Property } from '../property.js';
import { acceptFollowsQueue } from './accept-follows-queue.js';
import { acceptOldestFirst } from './accept-oldest-first.js';
import { acceptQueueBounded } from './accept-queue-bounded.js';
import { acceptQueueCountsHandshakes } from './accept-queue-counts-handshakes.js';
import { acceptQueueKeepsOrder } from './accept-queue-keeps-order.js';
import { acceptedAfterHandshake } from './accepted-after-handshake.js';
import { arrivalsCounted } from './arrivals-counted.js';
import { closingResetsWaiting } from './closing-resets-waiting.js';
import { cookieLeavesNoState } from './cookie-leaves-no-state.js';
import { cookieStampWraps } from './cookie-stamp-wraps.js';
import { cookiesOnlyWhenOn } from './cookies-only-when-on.js';
import { countersCountDecisions } from './counters-count-decisions.js';
import { countersOnlyGrow } from './counters-only-grow.js';
import { dropsAndOverflows } from './drops-and-overflows.js';
import { duplicateSynChangesNoQueue } from './duplicate-syn-changes-no-queue.js';
import { everyAckHasOneFate } from './every-ack-has-one-fate.js';
import { everySynAccounted } from './every-syn-accounted.js';
import { everySynHasOneFate } from './every-syn-has-one-fate.js';
import { fastOpenQueueBounded } from './fastopen-queue-bounded.js';
import { lengthsEqualContents } from './lengths-equal-contents.js';
import { limitFollowsListen } from './limit-follows-listen.js';
import { nobodyListensResets } from './nobody-listens-resets.js';
import { nothingOutlivesItsTimers } from './nothing-outlives-its-timers.js';
import { oneRowPerPeer } from './one-row-per-peer.js';
import { overflowsMeanFull } from './overflows-mean-full.js';
import { requestsTimeOutTwice } from './requests-time-out-twice.js';
import { resetNeverAnsweredByReset } from './reset-never-answered-by-reset.js';
import { resetsCounted } from './resets-counted.js';
import { synQueueBounded } from './syn-queue-bounded.js';
import { synTablePowerOfTwo } from './syn-table-power-of-two.js';
import { synAckAcknowledgesSyn } from './synack-acknowledges-syn.js';
import { synAckCount } from './synack-count.js';
import { synAckKeepsNumber } from './synack-keeps-number.js';
import { synAckSchedule } from './synack-schedule.js';
import { sysctlRange } from './sysctl-range.js';
import { timeoutsOnlyGrow } from './timeouts-only-grow.js';
import { waitingConnectionsCounted } from './waiting-connections-counted.js';
import { youngSurvivePressure } from './young-survive-pressure.js';

/** By what they are about: bounds, accounting, order and memory, time. */
export const INVARIANTS: readonly Invariant[] = [
  acceptQueueBounded,
  synQueueBounded,
  limitFollowsListen,
  acceptQueueCountsHandshakes,
  waitingConnectionsCounted,
  acceptFollowsQueue,
  arrivalsCounted,
  resetsCounted,
  countersOnlyGrow,
  everySynAccounted,
  dropsAndOverflows,
  overflowsMeanFull,
  acceptOldestFirst,
  acceptedAfterHandshake,
  closingResetsWaiting,
  cookieLeavesNoState,
  cookiesOnlyWhenOn,
  oneRowPerPeer,
  duplicateSynChangesNoQueue,
  synAckAcknowledgesSyn,
  synAckKeepsNumber,
  resetNeverAnsweredByReset,
  nobodyListensResets,
  synAckSchedule,
  requestsTimeOutTwice,
  timeoutsOnlyGrow,
  sysctlRange,
];

/** What holds inside of a model: of its queues, and of the rules that fire. */
export const MODEL_PROPERTIES: readonly Property[] = [
  lengthsEqualContents,
  synTablePowerOfTwo,
  fastOpenQueueBounded,
  acceptQueueKeepsOrder,
  everySynHasOneFate,
  everyAckHasOneFate,
  countersCountDecisions,
  synAckCount,
  youngSurvivePressure,
  nothingOutlivesItsTimers,
  cookieStampWraps,
];
