/** Narrows the phase of jiffies by what a step shows, before the step is played: so the search starts with few phases instead of 64. */

import type { Step } from '../generated/types.js';
import { granuleOf } from '../linux-4.15/kernel/time/timer.js';
import type { Hypothesis } from './hypothesis.js';
import type { View } from './view.js';

/** In a wait every SYN-ACK is a timer's, and no SYN-ACK timer is shorter than a second. */
export function hintPhase(
  { host, unseen }: Hypothesis,
  { at: begin, event, out }: Step,
  { segments, tolerance }: View,
): void {
  const { clock } = host;
  clock.phaseHint = undefined;
  if (!('wait' in event) || !segments) return;
  const seen = out
    .slice(unseen.length)
    // What left before the wait began was found at its begin, and says nothing of when it left.
    .filter(({ at, flags }) => at > begin && flags[0] === 'SYN')
    .map(({ at }) => at);
  if (seen.length === 0) return;
  const finest = granuleOf(1_000_000 / clock.tick);
  clock.phaseHint = (phase, modulus) => {
    if (modulus > finest) return true;
    return seen.every((at) => {
      const last = Math.floor((at + clock.fraction.hi) / clock.tick);
      for (let n = Math.floor((at - tolerance.timer + clock.fraction.lo) / clock.tick); n <= last; n++) {
        if ((((n + phase) % modulus) + modulus) % modulus === 0) return true;
      }
      return false;
    });
  };
}
