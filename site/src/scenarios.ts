/** The scenarios to start from: the workloads that the project ships as examples, each with the kernels that it is told of. */

import abortOnOverflow from '../../examples/workloads/abort-on-overflow.json' with { type: 'json' };
import backlog511 from '../../examples/workloads/backlog-511.json' with { type: 'json' };
import deferAccept from '../../examples/workloads/defer-accept.json' with { type: 'json' };
import fullAcceptQueue from '../../examples/workloads/full-accept-queue.json' with { type: 'json' };
import garbageCollection from '../../examples/workloads/garbage-collection.json' with { type: 'json' };
import listen0 from '../../examples/workloads/listen-0.json' with { type: 'json' };
import restart from '../../examples/workloads/restart.json' with { type: 'json' };
import sleepingServer from '../../examples/workloads/sleeping-server.json' with { type: 'json' };
import slowAcceptLoop from '../../examples/workloads/slow-accept-loop.json' with { type: 'json' };
import floodWithCookies from '../../examples/workloads/syn-flood-with-cookies.json' with { type: 'json' };
import floodWithoutCookies from '../../examples/workloads/syn-flood-without-cookies.json' with { type: 'json' };
import type { Workload } from '../../src/generated/types.js';

/** Something to start from. */
export interface Scenario {
  /** In a list. */
  readonly name: string;
  /** What to look for, in a sentence or two. */
  readonly about: string;
  readonly kernels: readonly string[];
  readonly workload: Workload;
}

/** `kind` is a string in what TypeScript makes of a JSON file; the worker checks each value anyway. */
const of = (workload: object): Workload => workload as Workload;

export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  {
    name: 'A sleeping server and many clients',
    about:
      'The server listens and never accepts. Once backlog + 1 connections wait, 2.6.32 goes on answering SYNs while there are fewer than two young requests; since 4.15 SYNs are dropped.',
    kernels: ['2.6.32', '4.15'],
    workload: of(sleepingServer),
  },
  {
    name: 'tcp_abort_on_overflow',
    about: 'The same with tcp_abort_on_overflow: the ACK that finds the accept queue full is answered with a reset.',
    kernels: ['2.6.32', '4.15'],
    workload: of(abortOnOverflow),
  },
  {
    name: 'A full accept queue: do clients time out?',
    about: 'Bursts of clients at a server that never accepts: whose connect() returns, and who finds out later.',
    kernels: ['2.6.32', '4.15'],
    workload: of(fullAcceptQueue),
  },
  {
    name: 'listen(fd, 0)',
    about: 'A backlog of 0 is room for one connection, but 4.15 without cookies admits nobody at all. 5.10 does again.',
    kernels: ['4.15', '5.10'],
    workload: of(listen0),
  },
  {
    name: 'A backlog of 511',
    about: 'On 2.6.32 the SYN queue of a backlog of 511 has room for 512 requests. Compare it with 512.',
    kernels: ['2.6.32', '4.15'],
    workload: of(backlog511),
  },
  {
    name: 'A backlog of 512',
    about: 'One more in listen(), and 2.6.32 doubles the SYN queue. Compare it with 511.',
    kernels: ['2.6.32', '4.15'],
    workload: of({ ...backlog511, title: '512 against 511: a burst of SYNs that are answered late', backlog: 512 }),
  },
  {
    name: 'A SYN flood, with cookies',
    about:
      'Nine of ten SYNs are from made-up addresses. Once the SYN queue is full, cookies keep the others connected.',
    kernels: ['2.6.32', '4.15'],
    workload: of(floodWithCookies),
  },
  {
    name: 'A SYN flood, without cookies',
    about: 'The same flood with tcp_syncookies=0: requests that nobody completes keep everybody else out.',
    kernels: ['2.6.32', '4.15'],
    workload: of(floodWithoutCookies),
  },
  {
    name: 'A slow accept loop',
    about: 'Clients come a little faster than the server accepts: the queue fills slowly, and then never empties.',
    kernels: ['4.15', '7.2'],
    workload: of(slowAcceptLoop),
  },
  {
    name: 'A server that stops for two seconds',
    about:
      'Garbage collection for two seconds at 300 clients a second: who waits, who is dropped, who comes back when.',
    kernels: ['2.6.32', '4.15'],
    workload: of(garbageCollection),
  },
  {
    name: 'A restart while connections wait',
    about: 'Closing the listener resets all that wait in its accept queue, and its requests are forgotten.',
    kernels: ['4.15', '7.2'],
    workload: of(restart),
  },
  {
    name: 'TCP_DEFER_ACCEPT',
    about:
      'The ACK without data is put off: requests stay in the SYN queue until the client writes or the time is over.',
    kernels: ['2.6.32', '4.15'],
    workload: of(deferAccept),
  },
];
