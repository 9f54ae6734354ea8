/** The running kernel as a subject: a listener in a network namespace of its own, hand-made segments, and what the kernel lets be seen. */

import { readFileSync } from 'node:fs';
import type { Configuration, Refusal, Subject } from '../conformance/subject.js';
import type { Capabilities, SocketRow, SubjectEvent, SubjectObservation, SubjectOutcome } from '../generated/types.js';
import { encodePacket } from '../trace/packet.js';
import { Clock } from './clock.js';
import type { Libc } from './libc.js';
import { enterNamespace } from './namespace.js';
import { Peers } from './peers.js';
import { counterRow, tcpRows } from './proc.js';
import { PORT, Sockets } from './sockets.js';
import { writeSysctl } from './sysctl.js';
import { uptimeAt } from './uptime.js';
import { Wire } from './wire.js';

/** See the file's comment. All its system calls are made on the main thread, whose network namespace changes with each reset. */
export class LinuxMachine implements Subject {
  readonly capabilities: Capabilities;
  readonly #libc: Libc;
  readonly #connected: number;
  #scenario: Scenario | undefined;

  /** @param connected a socket that is connected, elsewhere */
  constructor(libc: Libc, connected: number, capabilities: Capabilities) {
    this.#libc = libc;
    this.#connected = connected;
    this.capabilities = capabilities;
  }

  reset(configuration: Configuration): Refusal {
    this.#scenario?.close();
    this.#scenario = undefined;
    enterNamespace(this.#libc);
    const refused: Record<string, string> = {};
    for (const [name, value] of Object.entries(configuration.sysctl)) {
      const result = writeSysctl(name, value);
      if (result !== 0) refused[name] = result;
    }
    this.#scenario = new Scenario(this.#libc, new Sockets(this.#libc, configuration.sockopt, this.#connected));
    const { uptime } = this.#scenario;
    return uptime === undefined ? { refused } : { refused, uptime };
  }

  apply(event: SubjectEvent): SubjectOutcome {
    return this.#running().apply(event);
  }

  observe(): SubjectObservation {
    return this.#running().observe();
  }

  #running(): Scenario {
    if (this.#scenario === undefined) throw new Error('there was no reset');
    return this.#scenario;
  }
}

/** From one reset to the next. */
class Scenario {
  /** For how long the machine had been up at the reset, µs; undefined: that cannot be told. */
  readonly uptime: number | undefined;
  readonly #sockets: Sockets;
  readonly #peers = new Peers();
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #before: Readonly<Record<string, number>>;
  /** What was seen at the end of the last event, until it is asked for. */
  #seen: SubjectObservation | undefined;

  constructor(libc: Libc, sockets: Sockets) {
    this.#sockets = sockets;
    this.#clock = new Clock(libc);
    this.#wire = new Wire(libc, this.#clock, this.#peers);
    this.#before = counters();
    this.uptime = uptimeAt(libc, this.#clock);
  }

  /**
   * Lets an event happen, and at once looks at what came of it: what is seen belongs to the very moment up to which segments are told,
   * whatever this program or the one that asks has to wait for in between.
   */
  apply(event: SubjectEvent): SubjectOutcome {
    const happened = this.#happen(event);
    const begin = this.#clock.now();
    this.#wire.look();
    const out = this.#wire.take(happened.at, begin);
    this.#seen = this.#read(begin);
    return { ...happened, out };
  }

  observe(): SubjectObservation {
    const seen = this.#seen ?? this.#read(this.#clock.now());
    this.#seen = undefined;
    return seen;
  }

  close(): void {
    this.#sockets.close();
    this.#wire.close();
  }

  #happen(event: SubjectEvent): SubjectOutcome & { readonly at: number } {
    if ('segments' in event) {
      const stamp = 1 + Math.floor(this.#clock.now() / 1000);
      return { at: this.#wire.arrive(event.segments.map((one) => encodePacket(this.#peers.arriving(one, stamp)))) };
    }
    const at = this.#clock.now();
    if ('wait' in event) {
      this.#wire.wait(at + event.wait);
      return { at };
    }
    if ('syscall' in event) return { at, ...this.#sockets.call(event, (address) => this.#peers.at(address)) };
    const results = Object.entries(event.sysctl).map(([name, value]) => writeSysctl(name, value));
    return { at, result: results.find((result) => result !== 0) ?? 0 };
  }

  /** Listener, counters and sockets, one after the other. */
  #read(at: number): SubjectObservation {
    const listener = this.#sockets.info();
    const now = counters();
    const moved = Object.entries(now).filter(([name, value]) => value !== this.#before[name]);
    const sockets = rows((address) => this.#peers.at(address));
    const until = this.#clock.now();
    return {
      at,
      ...(listener === undefined ? {} : { listener }),
      counters: Object.fromEntries(moved.map(([name, value]) => [name, value - (this.#before[name] ?? 0)])),
      sockets,
      until,
    };
  }
}

const OWN_NET = '/proc/thread-self/net';

/** The counters of TCP, but for the number of connections, which is no counter. */
function counters(): Record<string, number> {
  const { CurrEstab: _, ...tcp } = counterRow(readFileSync(`${OWN_NET}/snmp`, 'latin1'), 'Tcp');
  return { ...tcp, ...counterRow(readFileSync(`${OWN_NET}/netstat`, 'latin1'), 'TcpExt') };
}

/** Requests and connections on the listener's port. */
function rows(peerAt: (address: number) => number): SocketRow[] {
  return tcpRows(readFileSync(`${OWN_NET}/tcp`, 'latin1'))
    .filter(({ localPort, remote }) => localPort === PORT && remote !== 0)
    .map(({ remote, state, retransmits, inode }) => ({
      peer: peerAt(remote),
      state,
      retransmits,
      accepted: inode !== 0,
    }));
}
