/** Lets a workload happen to a kernel, in virtual time: clients, a network, and the process that accepts. */

import type { Workload } from '../generated/types.js';
import { TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import type { Sent } from '../run/environment.js';
import { Arrivals } from './arrivals.js';
import { Chance } from './chance.js';
import { Clients, FLOOD_PEERS, issOf } from './clients.js';
import { ACK, FIN, Line, PSH, RST, SYN } from './line.js';
import { Machine, segmentOf, type TraceTaker } from './machine.js';
import { outcomeOf } from './outcome.js';
import { expectedArrivals, type Plan, planOf } from './plan.js';
import type { WorkloadResult } from './result.js';
import { SERVER_TIMER, Server } from './server.js';
import { Tally } from './tally.js';
import { Timers } from './timers.js';

/** Who looks at the machine after everything that happens on it. */
export interface Onlooker {
  /** It is `at` µs; since the last look `rules` fired and `sent` left, in order. */
  look(at: number, host: Host, rules: readonly RuleId[], sent: readonly Sent[]): void;
}

/** What a run is asked for beside its result. */
export interface SimulateOptions {
  readonly onlooker?: Onlooker;
  /** Takes the trace of the run. */
  readonly trace?: TraceTaker;
  /** Told now and then how many have arrived, and about how many will. */
  readonly progress?: (arrived: number, expected: number) => void;
  /** Whether the run may end as soon as a client has lost something. Default false. */
  readonly untilLoss?: boolean;
}

/** Every so many events progress is told. */
const PROGRESS = 1 << 14;

/** The sysctls that decide about the queues. */
const QUEUE_SYSCTLS = [
  'net.core.somaxconn',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_synack_retries',
];

/**
 * Runs a workload on a kernel to its end. The same workload gives the same result.
 * @param workload one of which `workloadProblem` says nothing; its own `kernel` is not looked at
 */
export function simulate(kernel: KernelVariant, workload: Workload, options: SimulateOptions = {}): WorkloadResult {
  return new Run(kernel, planOf(workload), options).toEnd();
}

class Run {
  private readonly kernel: KernelVariant;
  private readonly plan: Plan;
  private readonly options: SimulateOptions;
  private readonly up = new Line();
  private readonly down = new Line();
  private readonly timers = new Timers();
  private readonly upLoss: Chance;
  private readonly downLoss: Chance;
  private readonly kinds: Chance;
  private readonly arrivals: Arrivals;
  private readonly clients: Clients;
  private readonly machine: Machine;
  private readonly server: Server;
  private readonly tally: Tally;
  /** µs: the last event. */
  private last = 0;
  private floods = 0;
  private floodsAnswered = 0;

  constructor(kernel: KernelVariant, plan: Plan, options: SimulateOptions) {
    this.kernel = kernel;
    this.plan = plan;
    this.options = options;
    const { seed, sysctl, sockopt, hz } = plan;
    this.arrivals = new Arrivals(plan.arrivals, new Chance(seed, 1));
    this.kinds = new Chance(seed, 2);
    this.upLoss = new Chance(seed, 3);
    this.downLoss = new Chance(seed, 4);
    this.clients = new Clients(plan, this.up, this.timers, this.upLoss);
    const seen = (at: number, sent: readonly Sent[]): void => this.seen(at, sent);
    this.machine = new Machine(kernel, { sysctl, sockopt, hz, seed }, seen, options.trace);
    this.tally = new Tally(kernel, this.machine.host);
    this.server = new Server(plan, this.machine, this.timers, this.clients);
  }

  toEnd(): WorkloadResult {
    const { arrivals, clients, down, machine, options, plan, timers, up } = this;
    const expected = expectedArrivals(plan.arrivals);
    this.server.start();
    for (let events = 0; ; events++) {
      const at = Math.min(up.at, down.at, timers.at, clients.firstSynDue, arrivals.at);
      const limit = Math.min(at, plan.until);
      // What a timer sends reaches a client not before `toClient` has passed: only then has the machine to go ahead of the next event.
      if (limit - machine.now > plan.toClient || at > plan.until) {
        const tick = this.nextTimer(limit);
        if (tick !== undefined) {
          machine.elapse(tick);
          this.server.work(this.tally.waiting, tick);
          continue;
        }
      }
      if (at === Number.POSITIVE_INFINITY || at > plan.until) break;
      if (options.untilLoss === true && clients.troubled > 0) break;
      if ((events & (PROGRESS - 1)) === 0) options.progress?.(clients.count + this.floods, expected);
      this.next(at);
      this.last = at;
    }
    const until = plan.until === Number.POSITIVE_INFINITY ? this.last : plan.until;
    if (until > machine.now) machine.elapse(until);
    return this.result();
  }

  /** When the machine's next timer fires; undefined: not until `limit`, or nothing waits for it. */
  private nextTimer(limit: number): number | undefined {
    if (limit !== Number.POSITIVE_INFINITY) return this.machine.nextTimer(limit);
    return this.tally.requests === 0 ? undefined : this.machine.nextTimer(this.machine.now + LONGEST_TIMER);
  }

  /** The next event, which is at that time. */
  private next(at: number): void {
    const { arrivals, clients, down, machine, server, tally, timers, up } = this;
    if (up.at === at) {
      up.take();
      machine.receive(segmentOf(up.peer, up.flags, up.seq, up.ack, up.len), at);
      if (tally.waiting > 0) server.work(tally.waiting, at);
    } else if (down.at === at) {
      down.take();
      clients.receive(down.peer, down.flags, down.seq, down.ack, at);
    } else if (timers.at === at) {
      timers.take();
      if (timers.kind < SERVER_TIMER.accept) {
        clients.expire(timers.kind, timers.owner, at);
      } else {
        server.expire(timers.kind, timers.owner, at);
        server.work(tally.waiting, at);
      }
    } else if (clients.firstSynDue === at) {
      clients.expireFirstSyn(at);
    } else {
      arrivals.next();
      this.arrive(at);
    }
  }

  private arrive(at: number): void {
    const { plan } = this;
    if (!this.kinds.happens(plan.flood)) {
      this.clients.arrive(at);
      return;
    }
    const peer = FLOOD_PEERS + this.floods++;
    if (!this.upLoss.happens(plan.loss)) this.up.send(at + plan.toServer, peer, SYN, issOf(peer), 0, 0);
  }

  /** Something has happened on the machine. */
  private seen(at: number, sent: readonly Sent[]): void {
    const { host } = this.machine;
    this.tally.look(at);
    this.options.onlooker?.look(at, host, host.fired, sent);
    for (const segment of sent) {
      if (segment.peer >= FLOOD_PEERS) {
        // Each that is answered is answered once at first; what a timer repeats is no answer to a SYN.
        if (segment.syn && segment.rule !== 'syn_ack_recalc/resend') this.floodsAnswered += 1;
      } else if (!this.downLoss.happens(this.plan.loss)) {
        const arrives = Math.ceil(segment.at) + this.plan.toClient;
        this.down.send(arrives, segment.peer, flagsOf(segment), segment.seq, segment.ack_seq, 0);
      }
    }
  }

  private result(): WorkloadResult {
    const { clients, kernel, machine, plan, server, tally } = this;
    const { host } = machine;
    const until = machine.now;
    const counters: WorkloadResult['counters'] = Object.fromEntries(
      [...TCP_ROW, ...TCP_EXT_ROW].flatMap((name) => {
        const value = host.counters[name] ?? 0;
        return value === 0 ? [] : [[name, value]];
      }),
    );
    const shown = QUEUE_SYSCTLS.filter((name) => name in host.sysctl);
    return {
      kernel: kernel.name,
      backlog: plan.backlog,
      refusedSysctls: machine.sysctlErrors,
      sysctl: Object.fromEntries(shown.map((name) => [name, host.sysctl[name] ?? 0])),
      listen: server.listened,
      until,
      ...outcomeOf(clients, () => this.connections()),
      flood: { syns: this.floods, answered: this.floodsAnswered },
      ...tally.result(until),
      counters,
    };
  }

  /** The peers of the connections that the server has. */
  private connections(): ReadonlySet<number> {
    const rows = this.kernel.sockets(this.machine.host);
    return new Set(rows.filter(({ state }) => state !== 'SYN_RECV').map(({ peer }) => peer));
  }
}

/** No timer of a kernel is set for longer, µs. */
const LONGEST_TIMER = 1_000_000_000;

const flagsOf = ({ syn, ack, rst, fin, psh }: Sent): number =>
  (syn ? SYN : 0) | (ack ? ACK : 0) | (rst ? RST : 0) | (fin ? FIN : 0) | (psh ? PSH : 0);
