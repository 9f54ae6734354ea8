/** The sockets of the one process of a scenario: its listener, what it accepted, and others that `listen` is tried on. */

import type {
  AcceptCall,
  CloseConnectionCall,
  CloseListenerCall,
  ListenCall,
  ListenerInfo,
  ShutdownCall,
  SocketOptions,
  SubjectOutcome,
} from '../generated/types.js';
import { errnoName, type Libc, must } from './libc.js';
import { tcpState } from './proc.js';

/** The listener's port. */
export const PORT = 5000;

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const LOOPBACK = 0x7f000001;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_LINGER = 13;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const OPTIONS = { TCP_SYNCNT: 7, TCP_DEFER_ACCEPT: 9, TCP_FASTOPEN: 23 } as const;
const HOW = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;

type SystemCall = ListenCall | AcceptCall | CloseListenerCall | CloseConnectionCall | ShutdownCall;

/** What a system call came to. */
export type CallOutcome = Pick<SubjectOutcome, 'result' | 'accepted' | 'setupErrors'>;

/** The sockets of one scenario, in the network namespace in which they are made. */
export class Sockets {
  readonly #libc: Libc;
  readonly #options: SocketOptions;
  readonly #connected: number;
  #listener: number | undefined;
  /** The last connection that was accepted of each client, unless it was closed. */
  readonly #accepted = new Map<number, number>();
  /** All that is open. */
  readonly #open = new Set<number>();

  /**
   * @param options what the listener gets before its first `listen`
   * @param connected a socket that is connected, for `listen` to be tried on
   */
  constructor(libc: Libc, options: SocketOptions, connected: number) {
    this.#libc = libc;
    this.#options = options;
    this.#connected = connected;
  }

  /** @param peerAt says who has an address */
  call(call: SystemCall, peerAt: (address: number) => number): CallOutcome {
    switch (call.syscall) {
      case 'listen':
        return call.on === undefined ? this.#listen(call.backlog) : this.#listenElsewhere(call.backlog, call.on);
      case 'accept':
        return this.#accept(peerAt);
      case 'shutdown':
        return outcome(this.#libc.shutdown(this.#listener ?? -1, HOW[call.how]));
      case 'close':
        return 'peer' in call ? this.#reset(call.peer) : this.#closeListener();
    }
  }

  /** TCP_INFO of the listener; undefined: there is none. */
  info(): ListenerInfo | undefined {
    if (this.#listener === undefined) return undefined;
    const info = tcpInfo(this.#libc, this.#listener);
    // tcpi_state, tcpi_unacked and tcpi_sacked.
    return {
      state: tcpState(info[0] as number) as ListenerInfo['state'],
      acceptQueue: info.readUInt32LE(24),
      maxAcceptQueue: info.readUInt32LE(28),
    };
  }

  /** Closes all. */
  close(): void {
    for (const fd of this.#open) this.#libc.close(fd);
    this.#open.clear();
  }

  #listen(backlog: number): CallOutcome {
    if (this.#listener !== undefined) return outcome(this.#libc.listen(this.#listener, backlog));
    const fd = this.#socket(SOCK_STREAM | SOCK_NONBLOCK);
    const setupErrors: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#options) as [keyof SocketOptions, number][]) {
      const set = this.#libc.setsockopt(fd, IPPROTO_TCP, OPTIONS[name], new Int32Array([value]), 4);
      if (set < 0) setupErrors[name] = errnoName(set);
    }
    // A listener that was closed may have left connections on its port.
    must(this.#libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, new Int32Array([1]), 4), 'SO_REUSEADDR');
    const bound = this.#bind(fd);
    if (bound < 0) setupErrors['bind'] = errnoName(bound);
    this.#listener = fd;
    return {
      ...outcome(this.#libc.listen(fd, backlog)),
      ...(Object.keys(setupErrors).length === 0 ? {} : { setupErrors }),
    };
  }

  #listenElsewhere(backlog: number, on: NonNullable<ListenCall['on']>): CallOutcome {
    const { listen } = this.#libc;
    switch (on) {
      case 'bad-descriptor':
        return outcome(listen(-1, backlog));
      case 'connected-socket':
        return outcome(listen(this.#connected, backlog));
      case 'udp-socket':
        return this.#brieflyOpen(this.#socket(SOCK_DGRAM), (fd) => outcome(listen(fd, backlog)));
      case 'pipe': {
        const ends = new Int32Array(2);
        must(this.#libc.pipe2(ends, 0), 'pipe');
        this.#open.add(ends[1] as number);
        return this.#brieflyOpen(ends[0] as number, (fd) => outcome(listen(fd, backlog)));
      }
      case 'second-socket-same-port':
        return this.#brieflyOpen(this.#socket(SOCK_STREAM), (fd) => {
          const bound = this.#bind(fd);
          const result = outcome(listen(fd, backlog));
          return bound < 0 ? { ...result, setupErrors: { bind: errnoName(bound) } } : result;
        });
    }
  }

  #brieflyOpen(fd: number, use: (fd: number) => CallOutcome): CallOutcome {
    const result = use(fd);
    this.#closeOne(fd);
    return result;
  }

  #accept(peerAt: (address: number) => number): CallOutcome {
    const address = Buffer.alloc(16);
    const fd = this.#libc.accept4(this.#listener ?? -1, address, new Uint32Array([address.length]), 0);
    if (fd < 0) return outcome(fd);
    this.#open.add(fd);
    const peer = peerAt(address.readUInt32BE(4));
    this.#accepted.set(peer, fd);
    return { result: 0, accepted: peer };
  }

  #closeListener(): CallOutcome {
    const fd = this.#listener;
    this.#listener = undefined;
    return outcome(this.#closeOne(fd ?? -1));
  }

  #reset(peer: number): CallOutcome {
    const fd = this.#accepted.get(peer) ?? -1;
    this.#accepted.delete(peer);
    // On, for 0 seconds.
    if (fd >= 0) must(this.#libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, new Int32Array([1, 0]), 8), 'SO_LINGER');
    return outcome(this.#closeOne(fd));
  }

  #socket(type: number): number {
    const fd = must(this.#libc.socket(AF_INET, type, 0), 'socket');
    this.#open.add(fd);
    return fd;
  }

  #bind(fd: number): number {
    const address = socketAddress(0, PORT);
    return this.#libc.bind(fd, address, address.length);
  }

  #closeOne(fd: number): number {
    this.#open.delete(fd);
    return this.#libc.close(fd);
  }
}

/** A socket that is connected to another one, over the loopback device of the main thread's network namespace; it stays so as long as the process lives. */
export function connectedSocket(libc: Libc): number {
  const server = must(libc.socket(AF_INET, SOCK_STREAM, 0), 'socket');
  const address = socketAddress(LOOPBACK, PORT);
  must(libc.bind(server, address, address.length), 'bind');
  must(libc.listen(server, 1), 'listen');
  const client = must(libc.socket(AF_INET, SOCK_STREAM, 0), 'socket');
  must(libc.connect(client, address, address.length), 'connect');
  return client;
}

/** The kernel's `struct tcp_info` of a new socket that is used for nothing else. */
export function infoOfNewSocket(libc: Libc): Buffer {
  const fd = must(libc.socket(AF_INET, SOCK_STREAM, 0), 'socket');
  try {
    return tcpInfo(libc, fd);
  } finally {
    libc.close(fd);
  }
}

function tcpInfo(libc: Libc, fd: number): Buffer {
  const info = Buffer.alloc(256);
  must(libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, new Uint32Array([info.length])), 'TCP_INFO');
  return info;
}

/** The kernel's `struct sockaddr_in`. */
function socketAddress(ip: number, port: number): Buffer {
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  address.writeUInt32BE(ip, 4);
  return address;
}

const outcome = (result: number): CallOutcome => ({ result: result < 0 ? errnoName(result) : 0 });
