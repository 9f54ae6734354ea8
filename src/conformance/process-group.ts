/** Everything that a subject's command started: found again and killed, also what left its process group. */

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** The variable that marks a process and what it starts. */
const MARK = 'TCP_BACKLOG_RUN';

/** ms in which killed processes are expected to be gone. */
const GONE = 1000;

/** Those that may still have processes. They end with this process, however it ends, if it can do anything then. */
const alive = new Set<ProcessGroup>();

/**
 * A process that leads a group of its own, and all its descendants. On Linux these are found by their session and by a variable in their
 * environment; elsewhere only those that stayed in the group are.
 */
export class ProcessGroup {
  /** What the leader's environment has to have, beside all else. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #mark: string;
  #leader: number | undefined;

  constructor() {
    const token = randomBytes(16).toString('hex');
    this.environment = { [MARK]: token };
    this.#mark = `${MARK}=${token}`;
  }

  /** Says which process it is that has just been started. */
  led(pid: number): void {
    this.#leader = pid;
    if (alive.size === 0) process.on('exit', destroyAll);
    alive.add(this);
  }

  /** Sends a signal to all in the group. */
  signal(signal: NodeJS.Signals): void {
    if (this.#leader !== undefined) send(-this.#leader, signal);
  }

  /** The processes that run, the leader among them; not on Linux: the leader, if any is left of its group. */
  running(): number[] {
    const leader = this.#leader;
    if (leader === undefined) return [];
    if (process.platform !== 'linux') return send(-leader, 0) ? [leader] : [];
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && this.#isOurs(name, leader))
      .map(Number);
  }

  /** Kills whatever runs, and waits for a moment until it is gone. Does not return to the event loop. */
  destroy(): void {
    this.signal('SIGKILL');
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    const end = performance.now() + GONE;
    for (let left = this.running(); left.length > 0 && performance.now() < end; left = this.running()) {
      if (process.platform === 'linux') for (const pid of left) send(pid, 'SIGKILL');
      Atomics.wait(sleeper, 0, 0, 2);
    }
    alive.delete(this);
    if (alive.size === 0) process.off('exit', destroyAll);
  }

  #isOurs(pid: string, leader: number): boolean {
    try {
      // After the name, which is in parentheses: state, parent, group, session.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') return false;
      return Number(session) === leader || readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.#mark);
    } catch {
      // It is gone, or somebody else's.
      return false;
    }
  }
}

function destroyAll(): void {
  for (const group of alive) group.destroy();
}

/** Whether there was anybody to send it to. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
