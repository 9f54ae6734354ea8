/** Everything that a subject's command started: found again and killed, also what left its process group. */

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** The variable that marks a process and what it starts. */
const MARK = 'TCP_BACKLOG_RUN';

/** ms in which killed processes are expected to be gone. */
const GONE = 1000;

/** ms for which processes are looked for that a look may have missed. */
const SEARCH = 500;

/** Among the flags of a process: it is a thread of the kernel. */
const PF_KTHREAD = 0x200000;

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
    const ended = new Set<number>();
    const end = performance.now() + SEARCH;
    do {
      const seen = processes().map((pid) => ({ pid, state: this.#stateOf(pid, leader) }));
      const ours = seen.filter(({ state }) => state === 'ours').map(({ pid }) => pid);
      if (ours.length > 0) return ours;
      // One that has just ended may have started another that was not in the list yet.
      if (seen.every(({ pid, state }) => state === 'other' || ended.has(pid))) return [];
      for (const { pid, state } of seen) if (state === 'ended') ended.add(pid);
    } while (performance.now() < end);
    return [];
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

  /** Whether a process is ours; or has ended, but its parent has not noticed it; or cannot be told at this moment. */
  #stateOf(pid: number, leader: number): 'ours' | 'other' | 'ended' | 'unknown' {
    try {
      // After the name, which is in parentheses: state, parent, group, session, terminal, its group, flags.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [state, , , session, , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') return 'ended';
      if ((Number(flags) & PF_KTHREAD) !== 0) return 'other';
      if (Number(session) === leader) return 'ours';
      const environment = `/proc/${pid}/environ`;
      if (readFileSync(environment, 'latin1').includes(this.#mark)) return 'ours';
      // An execve(2) takes the old arguments and environment away, and sets the new ones in this order.
      if (readFileSync(`/proc/${pid}/cmdline`, 'latin1') === '') return 'unknown';
      return readFileSync(environment, 'latin1').includes(this.#mark) ? 'ours' : 'other';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ESRCH' ? 'unknown' : 'other';
    }
  }
}

/** All processes that there are, those first that are likely to be the youngest. */
function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
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
