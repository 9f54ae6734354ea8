/** A trace as a script for packetdrill: what it can express of it, with what it leaves out said in comments. */

import type { ArrivingSegment, SentSegment, Step, SysctlWrite, TraceEvent } from '../generated/types.js';
import { u32 } from '../host/sequence.js';
import { eventInWords, seconds } from '../report/words.js';
import type { Trace } from '../run/scenario.js';
import { testedPeers } from './packetdrill-peers.js';
import { answer, assignment, command, decimal, letters, optionsOf, range, TCPI_STATE } from './packetdrill-text.js';

/** A script, and what is not in it. */
export interface PacketdrillScript {
  readonly text: string;
  /** What of the trace the script does not have or does not check, a sentence each. */
  readonly leftOut: readonly string[];
  /** The index of the first step that is not in the script, and why; undefined: all are. */
  readonly ends: { readonly step: number; readonly reason: string } | undefined;
}

/** µs by which anything may be early or late: the machine that plays the script has other jiffies, and a check takes its time. */
const TOLERANCE = 50_000;
/** µs: what the kernel sends within this time answers what was before it; what comes later was sent by a timer. */
const AT_ONCE = 10_000;
/** A timer of the wheel (since 4.8) comes late by up to this share of its delay, as it falls. */
const WHEEL = 1 / 8;
/** µs: in which 2.6.32 may visit a request's bucket. */
const BUCKETS = 1_600_000;

const LISTENER = 3;
/** The port that packetdrill binds a socket to. */
const PORT = 8080;
/** The first port of the clients that packetdrill does not follow. */
const FIRST_PORT = 10_000;

/** Writes a script. The same trace gives the same script. */
export function packetdrillScript(trace: Trace): PacketdrillScript {
  return new Writer(trace).write();
}

/** The end of what can be expressed. */
class Inexpressible extends Error {}

/** The connection that packetdrill follows. It numbers segments without SYN from the first sequence number of each side. */
interface Followed {
  readonly peer: number;
  /** What packetdrill subtracts from the client's numbers in segments without SYN. */
  readonly base: number;
  /** What the client's numbers in segments with SYN are moved by. */
  readonly shift: number;
  /** Whether it saw a SYN-ACK, so that it knows the server's first number. */
  synAck: boolean;
  /** Trace time, µs, at which something last went to or from it: from then a timer runs that sends something. */
  last: number;
  /** Trace time, µs, of the last SYN-ACK, from which on the next one's timer runs. */
  lastSynAck: number;
}

class Writer {
  readonly #trace: Trace;
  readonly #tested: ReadonlySet<number>;
  readonly #lines: string[] = [];
  readonly #leftOut = new Set<string>();
  /** Trace time, µs, of the last line. */
  #clock: number;
  /** A script's first line has to be at 0. */
  #isFirst = true;
  /** What segments are mapped to: the listener, until one arrives; `other`: another socket. */
  #under: 'listener' | 'other' | Followed | undefined;
  /** The connections of which packetdrill saw a SYN-ACK, oldest first. */
  readonly #shaken: Followed[] = [];
  readonly #was = new Set<number>();
  readonly #ports = new Map<number, number>();
  readonly #accepted = new Map<number, number>();
  #nextFd = LISTENER + 1;
  #isOpen = false;
  #checked = '';
  #checkedRow: string | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#tested = testedPeers(trace);
    this.#clock = trace.steps[0]?.at ?? 0;
  }

  write(): PacketdrillScript {
    const { header, steps } = this.#trace;
    this.#sysctls(header.sysctl, header.sysctlErrors ?? {});
    let ends: PacketdrillScript['ends'];
    for (const [i, step] of steps.entries()) {
      const kept = this.#lines.length;
      try {
        this.#step(step);
      } catch (error) {
        if (!(error instanceof Inexpressible)) throw error;
        this.#lines.length = kept;
        ends = { step: i, reason: error.message };
        break;
      }
    }
    this.#leftOut.add(
      'Counters are not checked, nor is it that nothing else is sent: packetdrill has no words for either.',
    );
    const leftOut = [...this.#leftOut];
    const { id, kernel } = header;
    const end =
      ends === undefined
        ? []
        : [
            '',
            `// Here it ends: the ${steps.length - ends.step} steps from step ${ends.step + 1} on are left out.`,
            `// ${ends.reason}`,
          ];
    const text = [
      `--tolerance_usecs=${TOLERANCE}`,
      `// ${id}: ${kernel.name} ${kernel.release}, HZ=${kernel.hz}, by tcp-backlog export.`,
      '// To be run in a network namespace of its own, whose loopback device is up.',
      ...leftOut.map((sentence) => `// ${sentence}`),
      ...this.#lines,
      ...end,
      '',
    ].join('\n');
    return { text, leftOut, ends };
  }

  #sysctls(settings: Readonly<Record<string, number>>, errors: Readonly<Record<string, unknown>>): void {
    const [refused, taken] = [true, false].map((failed) =>
      Object.entries(settings).filter(([name]) => Object.hasOwn(errors, name) === failed),
    ) as [[string, number][], [string, number][]];
    const commands = [
      ...(taken.length > 0 ? [`sysctl -q ${taken.map(assignment).join(' ')}`] : []),
      ...refused.map((one) => `! sysctl -q ${assignment(one)} 2>/dev/null`),
    ];
    if (commands.length > 0) this.#lines.push(command(commands.join(' && ')));
  }

  #step(step: Step): void {
    const { at, event } = step;
    if ('faults' in event && event.faults !== undefined) {
      throw new Inexpressible(`Nothing can make the kernel fail at ${event.faults.join(', ')}.`);
    }
    this.#lines.push('', `// ${seconds(at)}: ${eventInWords(event)}`);
    if ('segments' in event) {
      this.#arrival(step, event.segments);
    } else {
      if ('sysctl' in event) this.#write(step, event);
      else if ('syscall' in event) this.#call(step, event);
      this.#sent(step.out);
    }
    if (!('wait' in event)) this.#check(step);
  }

  /** A line at a time of the trace: as long after the last one as there. */
  #at(time: number, text: string): void {
    const delta = Math.max(0, time - this.#clock);
    this.#clock = Math.max(this.#clock, time);
    this.#lines.push(`${this.#isFirst ? '' : '+'}${decimal(delta)} ${text}`);
    this.#isFirst = false;
  }

  #write({ at, result }: Step, { sysctl }: SysctlWrite): void {
    const settings = Object.entries(sysctl);
    if (result === 0) this.#at(at, command(`sysctl -q ${settings.map(assignment).join(' ')}`));
    else if (settings.length === 1)
      this.#at(at, command(`! sysctl -q ${settings.map(assignment).join(' ')} 2>/dev/null`));
    else throw new Inexpressible('Several sysctls were written at once, and one of them was refused.');
  }

  #call(step: Step, event: Extract<TraceEvent, { syscall: string }>): void {
    const { at, result = 0 } = step;
    if (event.syscall === 'listen') {
      if (event.on === undefined) this.#listen(step, event.backlog);
      else this.#listenElsewhere(step, event.on, event.backlog);
      return;
    }
    if (!this.#isOpen) throw new Inexpressible('A call on a listener that does not exist.');
    if (event.syscall === 'shutdown') {
      this.#at(at, `shutdown(${LISTENER}, ${event.how}) = ${answer(result)}`);
    } else if (event.syscall === 'accept') {
      this.#accept(step);
    } else if ('peer' in event) {
      this.#closeConnection(at, event.peer);
    } else {
      this.#isOpen = false;
      this.#at(at, `close(${LISTENER}) = ${answer(result)}`);
    }
  }

  #closeConnection(at: number, peer: number): void {
    const fd = this.#accepted.get(peer);
    if (fd === undefined) {
      this.#leftOut.add('A close() of a connection that there is not does nothing, and is left out.');
      return;
    }
    this.#accepted.delete(peer);
    this.#at(at, `setsockopt(${fd}, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0`);
    this.#at(at, `close(${fd}) = 0`);
  }

  #listen({ at, result = 0, setupErrors = {} }: Step, backlog: number): void {
    if (!this.#isOpen) {
      if (this.#under !== undefined)
        throw new Inexpressible('A second listener: packetdrill would not tell it from the first.');
      this.#isOpen = true;
      this.#under = 'listener';
      const setup = (text: string, name: string): void => this.#at(at, `${text} = ${answer(setupErrors[name] ?? 0)}`);
      this.#at(at, `socket(..., SOCK_STREAM, IPPROTO_TCP) = ${LISTENER}`);
      this.#at(at, `fcntl(${LISTENER}, F_SETFL, O_RDWR|O_NONBLOCK) = 0`);
      this.#at(at, `setsockopt(${LISTENER}, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0`);
      setup(`bind(${LISTENER}, ..., ...)`, 'bind');
      for (const [name, value] of Object.entries(this.#trace.header.sockopt)) {
        setup(`setsockopt(${LISTENER}, SOL_TCP, ${name}, [${value}], 4)`, name);
      }
    }
    this.#at(at, `listen(${LISTENER}, ${backlog}) = ${answer(result)}`);
  }

  #listenElsewhere({ at, result = 0, setupErrors = {} }: Step, on: string, backlog: number): void {
    if (on !== 'udp-socket' && on !== 'second-socket-same-port') {
      this.#leftOut.add(
        'packetdrill knows the sockets that a script makes only: listen() on something else is left out.',
      );
      return;
    }
    const fd = this.#nextFd++;
    const type = on === 'udp-socket' ? 'SOCK_DGRAM, IPPROTO_UDP' : 'SOCK_STREAM, IPPROTO_TCP';
    this.#at(at, `socket(..., ${type}) = ${fd}`);
    if (setupErrors['bind'] !== undefined) this.#at(at, `bind(${fd}, ..., ...) = ${answer(setupErrors['bind'])}`);
    this.#at(at, `listen(${fd}, ${backlog}) = ${answer(result)}`);
    this.#at(at, `close(${fd}) = 0`);
    this.#under = 'other';
  }

  #accept({ at, result = 0, accepted }: Step): void {
    if (accepted === undefined) {
      this.#at(at, `accept(${LISTENER}, ..., ...) = ${answer(result)}`);
      return;
    }
    // It takes the youngest connection that it knows for the one that comes, and gives up where that is another.
    if (this.#shaken.at(-1)?.peer !== accepted) {
      throw new Inexpressible(
        `accept() returns the connection from peer ${accepted}: packetdrill accepts only the youngest connection that it followed.`,
      );
    }
    const fd = this.#nextFd++;
    this.#accepted.set(accepted, fd);
    this.#checkedRow = undefined;
    this.#at(at, `accept(${LISTENER}, ..., ...) = ${fd}`);
  }

  /** The segments of each peer with what answers them: packetdrill follows one connection at a time. */
  #arrival({ at, out }: Step, segments: readonly ArrivingSegment[]): void {
    const last = new Map(segments.map(({ peer }, i) => [peer, i]));
    const answers = new Map<number, SentSegment[]>();
    for (const one of out) {
      const others = answers.get(one.peer);
      if (others === undefined) answers.set(one.peer, [one]);
      else others.push(one);
    }
    segments.forEach((segment, i) => {
      const { peer } = segment;
      this.#arrives(at, segment);
      if (last.get(peer) !== i) return;
      this.#sent(answers.get(peer) ?? []);
      answers.delete(peer);
    });
    // What timers sent meanwhile.
    this.#sent([...answers.values()].flat());
  }

  #arrives(at: number, segment: ArrivingSegment): void {
    if (segment.broadcast === true) throw new Inexpressible('packetdrill sends nothing to a broadcast address.');
    if (!this.#isOpen && this.#under === undefined)
      throw new Inexpressible('A segment arrives before there is a listener.');
    const { peer } = segment;
    if (this.#follows(peer)) {
      this.#inject(at, segment, this.#under as Followed);
      return;
    }
    if (this.#was.has(peer)) {
      throw new Inexpressible(
        `Peer ${peer} sends again after others: packetdrill follows one connection after the other.`,
      );
    }
    if (!this.#tested.has(peer)) {
      this.#injectUnfollowed(at, segment);
      return;
    }
    if (this.#under !== 'listener') {
      // Only a socket that listens makes packetdrill take the next segment for that of a new connection.
      const fd = this.#nextFd++;
      this.#at(at, `socket(..., SOCK_STREAM, IPPROTO_TCP) = ${fd}`);
      this.#at(at, `listen(${fd}, 0) = 0`);
    }
    const isSyn = segment.flags.includes('SYN');
    const followed = {
      peer,
      base: isSyn ? segment.seq : 0,
      shift: isSyn ? 0 : segment.seq,
      synAck: false,
      last: at,
      lastSynAck: at,
    };
    this.#was.add(peer);
    this.#under = followed;
    this.#inject(at, segment, followed);
  }

  #follows(peer: number): boolean {
    return typeof this.#under === 'object' && this.#under.peer === peer;
  }

  #inject(at: number, segment: ArrivingSegment, followed: Followed): void {
    const { flags, ack, len = 0, options = [] } = segment;
    const isSyn = flags.includes('SYN');
    if (ack?.of === 'synack' && !followed.synAck) {
      throw new Inexpressible(`Peer ${segment.peer} acknowledges a SYN-ACK that packetdrill has not seen.`);
    }
    if (ack !== undefined && followed.synAck && (ack.of === 'nothing' || isSyn)) {
      throw new Inexpressible(`Peer ${segment.peer} acknowledges a number that has nothing to do with the server's.`);
    }
    if (options.includes('TS') && ack !== undefined) {
      throw new Inexpressible(`Peer ${segment.peer} returns a timestamp, which traces do not record.`);
    }
    const seq = isSyn ? u32(segment.seq + followed.shift) : u32(segment.seq - followed.base);
    const acks = ack === undefined ? '' : ` ack ${u32(ack.plus)}`;
    followed.last = at;
    this.#at(
      at,
      `< ${letters(flags)} ${range(seq, len)}${acks} win 65535${optionsOf(isSyn, options.includes('TS'), at)}`,
    );
  }

  /** A segment of a peer that packetdrill does not follow, with ports of its own. What answers it is not looked at. */
  #injectUnfollowed(at: number, { peer, flags, seq, ack, len = 0, options = [] }: ArrivingSegment): void {
    if (ack !== undefined) {
      throw new Inexpressible(`Peer ${peer} acknowledges something while packetdrill follows another connection.`);
    }
    const isSyn = flags.includes('SYN');
    if (!isSyn && typeof this.#under !== 'object')
      throw new Inexpressible('A segment of a connection that is not followed.');
    const base = !isSyn && typeof this.#under === 'object' ? u32(this.#under.base + this.#under.shift) : 0;
    let port = this.#ports.get(peer);
    if (port === undefined) {
      port = FIRST_PORT + this.#ports.size;
      if (port > 0xffff) throw new Inexpressible('More clients than there are ports.');
      this.#ports.set(peer, port);
    }
    this.#leftOut.add('packetdrill follows one connection at a time: what is sent to the others is not looked at.');
    // It makes a connection of whatever comes while the listener is what it looks at.
    if (this.#under === 'listener') this.#under = 'other';
    const numbers = range(u32(seq - base), len);
    const shown = optionsOf(isSyn, options.includes('TS'), at);
    this.#at(at, `< ${port} > ${PORT} ${letters(flags)} ${numbers} win 65535${shown}`);
  }

  #sent(out: readonly SentSegment[]): void {
    for (const segment of out) {
      if (this.#follows(segment.peer)) this.#expect(segment, this.#under as Followed);
      else
        this.#leftOut.add('packetdrill follows one connection at a time: what is sent to the others is not looked at.');
    }
  }

  #expect({ at, peer, flags, seq, ack, len = 0, newIsn }: SentSegment, followed: Followed): void {
    const isSyn = flags.includes('SYN');
    if (newIsn === true && followed.synAck) {
      throw new Inexpressible(
        `The server takes a new first number for peer ${peer}: packetdrill knows one for a connection.`,
      );
    }
    if (seq.of === 'nothing' && followed.synAck) {
      throw new Inexpressible(
        `A segment to peer ${peer} has a number that has nothing to do with the server's first one.`,
      );
    }
    if (isSyn && !followed.synAck) {
      followed.synAck = true;
      this.#shaken.push(followed);
    }
    const acks = ack === undefined ? '' : ` ack ${u32(isSyn ? ack + followed.shift : ack - followed.base)}`;
    const text = `> ${letters(flags)} ${range(isSyn ? 0 : u32(seq.plus), len)}${acks} <...>`;
    const wait = Math.max(0, at - this.#clock);
    if (wait < AT_ONCE) this.#lines.push(`+0 ${text}`);
    else this.#lines.push(`${this.#window(wait, at - (isSyn ? followed.lastSynAck : followed.last))} ${text}`);
    this.#clock = Math.max(this.#clock, at);
    followed.last = at;
    if (isSyn) followed.lastSynAck = at;
  }

  /** When a timer may fire that fired after `wait` in the trace, `delay` after it was set. */
  #window(wait: number, delay: number): string {
    const spread = this.#trace.header.kernel.variant === '2.6.32' ? BUCKETS : delay * WHEEL;
    return `+${decimal(Math.max(0, wait - spread))}~+${decimal(wait + spread)}`;
  }

  /**
   * The queues: by TCP_INFO while it can be had, later by ss. Where nothing changed they are looked at after segments only: that is how a drop shows.
   */
  #check({ event, observed }: Step): void {
    const { listener, sockets } = observed;
    const under = this.#under;
    if (under === 'listener' && listener !== undefined) {
      const asserts = [
        ['tcpi_state', TCPI_STATE[listener.state]],
        ['tcpi_unacked', listener.acceptQueue],
        ['tcpi_sacked', listener.maxAcceptQueue],
      ].filter(([name]) => listener.state === 'LISTEN' || name === 'tcpi_state');
      const text = asserts.map(([name, value]) => `assert ${name} == ${value}, ${name}`).join('; ');
      if (text !== this.#checked) this.#at(observed.at, `%{ ${text} }%`);
      this.#checked = text;
      return;
    }
    if (typeof under === 'object' && this.#accepted.has(under.peer) && sockets !== undefined) {
      const state = TCPI_STATE[sockets.find(({ peer, accepted }) => peer === under.peer && accepted)?.state ?? 'CLOSE'];
      const text = `assert tcpi_state == ${state}, tcpi_state`;
      if (text !== this.#checkedRow) this.#at(observed.at, `%{ ${text} }%`);
      this.#checkedRow = text;
    }
    if (listener?.state !== 'LISTEN') return;
    const queue = `test "$(ss -Hltn sport = :${PORT} | awk '{print $2, $3}')" = "${listener.acceptQueue} ${listener.maxAcceptQueue}"`;
    const requests = sockets?.filter(({ state }) => state === 'SYN_RECV').length;
    const syns =
      requests === undefined ? '' : ` && test "$(ss -Htn state syn-recv sport = :${PORT} | wc -l)" = ${requests}`;
    if (`${queue}${syns}` === this.#checked && !('segments' in event)) return;
    this.#checked = `${queue}${syns}`;
    this.#at(observed.at, command(this.#checked));
    // It takes about as long as the reading of the recorder did.
    this.#clock = Math.max(this.#clock, observed.until);
  }
}
