/**
 * A server of Node's own `net` module behind the conformance protocol (docs/protocol.md), seen through the results of system calls only:
 * `node --import tsx server.ts`. Every client is a real one on the loopback interface, whose kernel does the handshake by itself.
 */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type {
  AdapterAnswer,
  AdapterRequest,
  Capabilities,
  SegmentToSubject,
  SubjectEvent,
  SubjectOutcome,
} from 'tcp-backlog-spec/conformance';

const HOST = '127.0.0.1';

const capabilities: Capabilities = {
  name: 'node:net',
  version: process.versions.node,
  observes: { level: 'results' },
  // No timer of TCP is seen; waits show nothing, so that they are short.
  clock: { kind: 'real', tolerance: { timer: 10_000, next: 10_000 }, longest: 5000 },
  features: ['turned-away', 'close-listener', 'close-connection'],
  sysctls: [],
  sockopts: [],
};

type Result = Pick<SubjectOutcome, 'result' | 'accepted'>;

/** A server and its clients, from one reset to the next. */
class Machine {
  readonly #started = performance.now();
  #server: Server | undefined;
  /** By the ports from which they connect. */
  readonly #peers = new Map<number, number>();
  readonly #clients: Socket[] = [];
  /** What the server's event 'connection' delivered and no `accept` has taken yet, oldest first. */
  readonly #waiting: Socket[] = [];
  readonly #accepted = new Map<number, Socket>();
  readonly #delivered = new Set<Socket>();

  async apply(event: SubjectEvent): Promise<SubjectOutcome> {
    const at = this.#now();
    return { at, ...(await this.#happen(event, at)) };
  }

  /** Closes every socket, and waits until they are closed. */
  async end(): Promise<void> {
    const sockets = [...this.#clients, ...this.#delivered].filter(({ closed }) => !closed);
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
    await this.#closeListener();
  }

  /** µs since the reset, rounded up. */
  #now(): number {
    return Math.ceil((performance.now() - this.#started) * 1000);
  }

  async #happen(event: SubjectEvent, at: number): Promise<Result> {
    if ('wait' in event) return this.#wait(at + event.wait);
    if ('segments' in event) return this.#connectAll(event.segments);
    if ('sysctl' in event) throw new Error('it knows no sysctl');
    switch (event.syscall) {
      case 'listen':
        return this.#listen(event.backlog);
      case 'accept':
        return this.#accept();
      case 'close':
        return 'peer' in event ? this.#closeConnection(event.peer) : this.#closeListener();
      case 'shutdown':
        throw new Error('a server of node:net has no shutdown');
    }
  }

  /** Until a time: a timer is late by up to a millisecond or two, so it takes care of all but the last two. */
  async #wait(until: number): Promise<Result> {
    const left = Math.floor((until - this.#now()) / 1000) - 2;
    if (left > 0) await setTimeout(left);
    while (this.#now() < until) await setImmediate();
    return {};
  }

  async #listen(backlog: number): Promise<Result> {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on('error', () => {});
      this.#waiting.push(socket);
      this.#delivered.add(socket);
    });
    const listening = once(server, 'listening');
    server.listen({ host: HOST, port: 0, backlog });
    try {
      await listening;
    } catch (error) {
      return { result: (error as NodeJS.ErrnoException).code ?? 'EINVAL' };
    }
    this.#server = server;
    return { result: 0 };
  }

  #accept(): Result {
    if (this.#server === undefined) return { result: 'EBADF' };
    const socket = this.#waiting.shift();
    if (socket === undefined) return { result: 'EAGAIN' };
    const peer = this.#peers.get(socket.remotePort ?? 0);
    if (peer === undefined) throw new Error(`a connection from port ${socket.remotePort}, where no client is`);
    this.#accepted.set(peer, socket);
    return { result: 0, accepted: peer };
  }

  async #closeConnection(peer: number): Promise<Result> {
    const socket = this.#accepted.get(peer);
    if (socket === undefined) return { result: 'EBADF' };
    this.#accepted.delete(peer);
    const closed = once(socket, 'close');
    socket.resetAndDestroy();
    await closed;
    return { result: 0 };
  }

  async #closeListener(): Promise<Result> {
    const server = this.#server;
    if (server === undefined) return { result: 'EBADF' };
    this.#server = undefined;
    this.#waiting.length = 0;
    // It stops listening at once; its event 'close' waits for the last connection.
    server.close();
    return { result: 0 };
  }

  /** One client after the other connects where there is a SYN; at the ACK there is nothing left to do. */
  async #connectAll(segments: readonly SegmentToSubject[]): Promise<Result> {
    for (const { peer, flags } of segments) if (flags.includes('SYN')) await this.#connect(peer);
    return {};
  }

  /** A client connects from a port of its own, and the server takes note of it. */
  async #connect(peer: number): Promise<void> {
    const server = this.#server;
    if (server === undefined) throw new Error('nobody listens');
    const delivered = once(server, 'connection');
    const client = connect({ host: HOST, port: (server.address() as AddressInfo).port });
    this.#clients.push(client);
    await once(client, 'connect');
    client.on('error', () => {});
    this.#peers.set(client.localPort ?? 0, peer);
    await delivered;
  }
}

let machine = new Machine();

async function answer(request: AdapterRequest): Promise<AdapterAnswer> {
  const { type, id } = request;
  switch (type) {
    case 'hello':
      return { type, id, protocol: 1, capabilities };
    case 'reset':
      await machine.end();
      machine = new Machine();
      return { type, id };
    case 'apply':
      return { type, id, outcome: await machine.apply(request.event) };
    case 'observe':
      return { type: 'error', id, message: 'nothing but results can be seen' };
    case 'stop':
      return { type, id };
  }
}

const input = createInterface({ input: process.stdin });
for await (const line of input) {
  const request = JSON.parse(line) as AdapterRequest;
  const { id } = request;
  const answered = await answer(request).catch((error): AdapterAnswer => ({ type: 'error', id, message: `${error}` }));
  process.stdout.write(`${JSON.stringify(answered)}\n`);
  if (request.type === 'stop') break;
}
await machine.end();
