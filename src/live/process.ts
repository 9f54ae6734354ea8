/** What the adapter's process asks of the kernel for itself. */

import { type Libc, must } from './libc.js';

const PR_SET_PDEATHSIG = 1;
const PR_SET_TIMERSLACK = 29;
const SIGKILL = 9;
/** Bytes of a set of processors. */
const SET = 128;

/**
 * Has the kernel kill this process when its parent ends, however that ends.
 * @param parent the process that was the parent when this one started; if it is not any more, this process ends at once
 */
export function diesWithItsParent(libc: Libc, parent: number): void {
  must(libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), 'prctl');
  if (libc.getppid() !== parent) process.exit(1);
}

/**
 * Keeps the main thread on one processor. Timers run on the processor that started them, so those of a scenario run one after the other, as on the machines with one
 * processor that the models describe. Waits end in time.
 */
export function staysOnOneProcessor(libc: Libc): void {
  const allowed = Buffer.alloc(SET);
  must(libc.sched_getaffinity(0, SET, allowed), 'sched_getaffinity');
  const processors = [...Array(SET * 8).keys()].filter((cpu) => ((allowed[cpu >> 3] as number) >> (cpu & 7)) & 1);
  const cpu = processors[process.pid % processors.length] as number;
  const one = Buffer.alloc(SET);
  one[cpu >> 3] = 1 << (cpu & 7);
  must(libc.sched_setaffinity(0, SET, one), 'sched_setaffinity');
  must(libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0), 'prctl');
}
