/** The process that accepts: workers, how often it accepts, when it pauses, and when it is restarted. */

import type { Errno } from '../generated/types.js';
import { type Clients, FLOOD_PEERS } from './clients.js';
import type { Machine } from './machine.js';
import type { Plan } from './plan.js';
import type { Timers } from './timers.js';

/** What is due for the server; the numbers go on behind those of the clients' timers. */
export const SERVER_TIMER = { accept: 4, served: 5, close: 6, listen: 7 } as const;

/** One process with one listener. */
export class Server {
  /** What the first `listen` gave. */
  listened: 0 | Errno = 0;
  private listening = false;
  private busy = 0;
  private notBefore = 0;
  private timerAt = Number.POSITIVE_INFINITY;
  private pause = 0;
  private readonly plan: Plan;
  private readonly machine: Machine;
  private readonly timers: Timers;
  private readonly clients: Clients;

  constructor(plan: Plan, machine: Machine, timers: Timers, clients: Clients) {
    this.plan = plan;
    this.machine = machine;
    this.timers = timers;
    this.clients = clients;
  }

  /** Begins to listen at time 0. */
  start(): void {
    this.listened = this.listen(0);
    for (const [i, { at, down }] of this.plan.restarts.entries()) {
      this.timers.add(at, SERVER_TIMER.close, i);
      this.timers.add(at + down, SERVER_TIMER.listen, i);
    }
  }

  /** Accepts what it can; `waiting`: how many connections wait. */
  work(waiting: number, at: number): void {
    for (let left = waiting; left > 0 && this.listening; left--) {
      if (this.busy >= this.plan.workers) return;
      const ready = Math.max(this.awake(at), this.notBefore);
      if (ready > at) {
        if (this.timerAt > ready) {
          this.timerAt = ready;
          this.timers.add(ready, SERVER_TIMER.accept, 0);
        }
        return;
      }
      this.accept(at);
    }
  }

  /** One of its timers has run out. */
  expire(kind: number, owner: number, at: number): void {
    if (kind === SERVER_TIMER.accept) this.timerAt = Number.POSITIVE_INFINITY;
    else if (kind === SERVER_TIMER.served) this.finish(owner, at);
    else if (kind === SERVER_TIMER.listen) this.listen(at);
    else {
      this.listening = false;
      this.machine.call({ syscall: 'close' }, at);
    }
  }

  private listen(at: number): 0 | Errno {
    const { result = 0 } = this.machine.call({ syscall: 'listen', backlog: this.plan.backlog }, at);
    this.listening = result === 0;
    return result;
  }

  private accept(at: number): void {
    const { accepted: peer } = this.machine.call({ syscall: 'accept', nonblocking: true }, at);
    if (peer === undefined) return;
    this.busy += 1;
    this.notBefore = at + this.plan.acceptEvery;
    if (peer < FLOOD_PEERS) this.clients.accept(peer - 1, at);
    this.timers.add(at + this.plan.service, SERVER_TIMER.served, peer);
  }

  /** A connection has been served. */
  private finish(peer: number, at: number): void {
    const ready = this.awake(at);
    if (ready > at) {
      this.timers.add(ready, SERVER_TIMER.served, peer);
      return;
    }
    this.busy -= 1;
    this.machine.call({ syscall: 'close', peer, linger: 0 }, at);
  }

  /** When the process runs again; `at` itself where it does. */
  private awake(at: number): number {
    const { pauses } = this.plan;
    while ((pauses[this.pause]?.to ?? Number.POSITIVE_INFINITY) <= at) this.pause += 1;
    const next = pauses[this.pause];
    return next !== undefined && next.from <= at ? next.to : at;
  }
}
