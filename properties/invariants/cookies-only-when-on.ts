/** When cookies are sent and taken. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { Settings } from './support/settings.js';
import { arrivals, isSyn, moved, walk } from './support/walk.js';

/** Cookies need the sysctl and a SYN; their ACKs need the sysctl and an ACK. */
export const cookiesOnlyWhenOn: Invariant = {
  id: 'cookies-only-when-on',
  sentence:
    'Cookies are sent and checked only while tcp_syncookies is not 0: at most one for each SYN that arrives, and at most one check for each segment with an ACK.',
  kernels: EVERY_KERNEL,
  rules: ['cookie_v4_check/cookies-off', 'cookie_v4_check/valid', 'cookie_v4_check/not-a-cookie'],
  needs: 'counters',
  broken: walk(({ header }, kernel) => {
    const settings = new Settings(header, kernel);
    return ({ step }) => {
      settings.note(step);
      const sent = moved(step, 'SyncookiesSent');
      const checked = moved(step, 'SyncookiesRecv') + moved(step, 'SyncookiesFailed');
      if (settings.value('net.ipv4.tcp_syncookies') === 0 && sent + checked > 0) {
        return `${sent} cookies were sent and ${checked} checked, although they are off`;
      }
      const syns = arrivals(step).filter(isSyn).length;
      if (sent > syns) return `${sent} cookies were sent for ${syns} SYNs`;
      const acks = arrivals(step).filter(({ flags }) => flags.includes('ACK') && !flags.includes('SYN')).length;
      return checked > acks ? `${checked} cookies were checked for ${acks} ACKs` : undefined;
    };
  }),
};
