/** How a segment finds its socket. A peer's number stands for address and port, so one map takes the place of each hash. */

import type { SkBuff } from '../../../host/segment.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';

/**
 * The connection that a segment belongs to. None has a broadcast address for its own.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_hashtables.c __inet_lookup_established
 */
export function __inet_lookup_established(host: Machine, skb: SkBuff): sock | undefined {
  return skb.broadcast ? undefined : host.ehash.get(skb.peer);
}

/**
 * The socket that listens on the port.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_hashtables.c __inet_lookup_listener
 */
export function __inet_lookup_listener(host: Machine): sock | undefined {
  return host.listener?.sk_state === TCP_LISTEN ? host.listener : undefined;
}

/**
 * Gives a child its listener's port; negative where that fails.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_hashtables.c __inet_inherit_port
 */
export function __inet_inherit_port(host: Machine, _sk: sock, child: sock): number {
  if (host.faults.has('__inet_inherit_port') && !host.mainline) return -1;
  child.bound = true;
  return 0;
}

/**
 * Makes a child known to the segments that follow.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_hashtables.c __inet_hash_nolisten
 */
export function __inet_hash_nolisten(host: Machine, sk: sock): void {
  host.ehash.set(sk.peer, sk);
}

/**
 * Takes a connection out of the hash. A listener is found by its state, so nothing is to be done for it.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_hashtables.c inet_unhash
 */
export function inet_unhash(host: Machine, sk: sock): void {
  if (host.ehash.get(sk.peer) === sk) host.ehash.delete(sk.peer);
}
