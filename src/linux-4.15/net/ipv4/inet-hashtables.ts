/** Which socket a segment is for: the hash of connections and requests, and the listener. */

import type { SkBuff } from '../../../host/segment.js';
import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN, TCP_NEW_SYN_RECV } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import { inet_csk_destroy_sock } from './inet-connection-sock.js';

/** Whether what a lookup found is a request. */
export function isRequest(found: sock | request_sock): found is request_sock {
  return found.sk_state === TCP_NEW_SYN_RECV;
}

/**
 * The newest connection or request of the segment's peer, or else the listener. No connection has a broadcast address for its own.
 * @kernel 4.15.11 include/net/inet_hashtables.h __inet_lookup
 */
export function __inet_lookup(host: Machine, skb: SkBuff): sock | request_sock | undefined {
  const found = skb.broadcast ? undefined : host.ehash.get(skb.peer);
  if (found !== undefined) return found;
  return host.listener?.sk_state === TCP_LISTEN ? host.listener : undefined;
}

/**
 * Puts a socket or request at the head of its chain, in place of `osk` if that is given. False when `osk` had already gone.
 * @kernel 4.15.11 net/ipv4/inet_hashtables.c inet_ehash_insert
 */
export function inet_ehash_insert(host: Machine, sk: sock | request_sock, osk: request_sock | undefined): boolean {
  let head = host.ehash.get(sk.peer);
  if (osk !== undefined) {
    if (head === osk) {
      head = osk.hash_next;
      osk.hash_next = undefined;
      osk.hashed = false;
    } else if (sk_nulls_del_node_init_rcu(host, osk)) head = host.ehash.get(sk.peer);
    else return false;
  }
  sk.hash_next = head;
  sk.hashed = true;
  host.ehash.set(sk.peer, sk);
  return true;
}

/**
 * Puts a child into the hash in place of its request; a child that comes too late is destroyed.
 * @kernel 4.15.11 net/ipv4/inet_hashtables.c inet_ehash_nolisten
 */
export function inet_ehash_nolisten(host: Machine, sk: sock, osk: request_sock | undefined): boolean {
  const ok = host.release.inet_ehash_insert(host, sk, osk);
  if (!ok) {
    // Another CPU was faster, which cannot be with one; a later kernel may find another entry of the peer.
    sk.sk_state = TCP_CLOSE;
    sk.dead = true;
    inet_csk_destroy_sock(host, sk);
  }
  return ok;
}

/**
 * Takes a connection out of the hash. A listener is found by its state alone.
 * @kernel 4.15.11 net/ipv4/inet_hashtables.c inet_unhash
 */
export function inet_unhash(host: Machine, sk: sock): void {
  if (sk.hashed) sk_nulls_del_node_init_rcu(host, sk);
}

/**
 * Takes a socket or request out of its chain; false when it is in none.
 * @kernel 4.15.11 include/net/sock.h sk_nulls_del_node_init_rcu
 */
export function sk_nulls_del_node_init_rcu(host: Machine, sk: sock | request_sock): boolean {
  if (!sk.hashed) return false;
  sk.hashed = false;
  const head = host.ehash.get(sk.peer) as sock | request_sock;
  if (head !== sk) {
    let before = head;
    while (before.hash_next !== sk) before = before.hash_next as sock | request_sock;
    before.hash_next = sk.hash_next;
  } else if (sk.hash_next === undefined) host.ehash.delete(sk.peer);
  else host.ehash.set(sk.peer, sk.hash_next);
  sk.hash_next = undefined;
  return true;
}

/**
 * Lets a child share its listener's port.
 * @kernel 4.15.11 net/ipv4/inet_hashtables.c __inet_inherit_port
 */
export function __inet_inherit_port(host: Machine, _sk: sock, _child: sock): boolean {
  return !host.faults.has('__inet_inherit_port');
}
