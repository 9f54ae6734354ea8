/**
 * The program between the conformance protocol and the running kernel: `node adapter.js [LONGEST]`, where LONGEST is what the waits of a scenario may add up to,
 * in µs. It has to be started in a network namespace that is nobody else's: see launch.ts.
 */

import { cpus, release } from 'node:os';
import type { Subject } from '../conformance/subject.js';
import type { Capabilities } from '../generated/types.js';
import { jiffiesPerSecond } from './clock.js';
import { lateness, timedSegments, toleranceOf } from './lateness.js';
import { type Libc, loadLibc } from './libc.js';
import { LinuxMachine } from './linux-machine.js';
import { diesWithItsParent, staysOnOneProcessor } from './process.js';
import { serve } from './serve.js';
import { connectedSocket } from './sockets.js';
import { ownSysctls } from './sysctl.js';
import { setLoopbackUp } from './tun.js';
import { Unsupported } from './unsupported.js';

/** µs. */
const LONGEST = 70_000_000;

const parent = process.ppid;
const libc = loadLibc().then((loaded) => {
  diesWithItsParent(loaded, parent);
  return loaded;
});
// It is told to whoever asks.
libc.catch(() => {});
await serve(async () => machine(await libc), process.stdin, process.stdout);

/** @throws Unsupported where something is refused that shows only from inside */
function machine(libc: Libc): Subject {
  try {
    staysOnOneProcessor(libc);
    setLoopbackUp(libc);
    return new LinuxMachine(libc, connectedSocket(libc), capabilities(libc));
  } catch (error) {
    if (error instanceof Unsupported) throw error;
    throw new Unsupported(`Talking to the running kernel needs what is refused here (${(error as Error).message})`);
  }
}

function capabilities(libc: Libc): Capabilities {
  const hz = jiffiesPerSecond(libc);
  return {
    name: 'Linux',
    version: release(),
    release: release(),
    observes: { level: 'sockets' },
    clock: {
      kind: 'real',
      tolerance: toleranceOf(lateness(timedSegments(libc), hz), hz, cpus().length),
      longest: Number(process.argv[2] ?? LONGEST),
    },
    hz,
    features: [
      'segments',
      'turned-away',
      'segments-after-handshake',
      'data',
      'timestamps',
      'broadcast',
      'cookies',
      'listen-again',
      'listen-elsewhere',
      'shutdown',
      'close-listener',
      'close-connection',
      'sysctl-write',
    ],
    sysctls: ownSysctls(),
    sockopts: ['TCP_DEFER_ACCEPT', 'TCP_SYNCNT', 'TCP_FASTOPEN'],
  };
}
