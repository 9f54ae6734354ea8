/**
 * The addresses that views show. Scenarios and traces have none: a peer is a number, and there is one listener. So the listener is on
 * port 80 of 192.0.2.1, and peer n is an address in 198.18.0.0/15 with a port from 32768 on, both from networks that are never routed.
 */

/** An address and a port. */
export interface Endpoint {
  /** IPv4, as a number of 32 bits, the first byte being the highest. */
  readonly address: number;
  readonly port: number;
}

const ADDRESSES = 2 ** 17;
const FIRST_ADDRESS = 0xc6120000;
const FIRST_PORT = 32768;

/** What a listener is bound to: every address. */
export const LISTENER: Endpoint = { address: 0, port: 80 };

/** The local end of requests and connections. */
export const SERVER: Endpoint = { address: 0xc0000201, port: 80 };

/** The other end of a listener. */
export const NOBODY: Endpoint = { address: 0, port: 0 };

/** A peer's end: the lowest 17 bits of its number choose the address, the rest the port. So peer 1 is 198.18.0.1, port 32768. */
export function endpointOf(peer: number): Endpoint {
  return { address: FIRST_ADDRESS + (peer % ADDRESSES), port: FIRST_PORT + Math.floor(peer / ADDRESSES) };
}

/** The peer that has this end; undefined where none has. */
export function peerAt({ address, port }: Endpoint): number | undefined {
  const offset = address - FIRST_ADDRESS;
  if (offset < 0 || offset >= ADDRESSES || port < FIRST_PORT) return undefined;
  return (port - FIRST_PORT) * ADDRESSES + offset;
}

/** An address with dots. */
export function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}
