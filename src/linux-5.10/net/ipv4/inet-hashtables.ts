/** Which socket a segment is for: the hash of connections and requests (net/ipv4/inet_hashtables.c). */

import type { request_sock } from '../../../linux-4.15/include/net/request-sock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import * as earlier from '../../../linux-4.15/net/ipv4/inet-hashtables.js';

/**
 * Puts a socket or request into the hash, in place of `osk` if that is given. As in 4.15, but false, too, for a connection in nobody's place whose
 * peer has an entry already: the child of a cookie.
 * @kernel 5.10.262 net/ipv4/inet_hashtables.c inet_ehash_insert
 */
export function inet_ehash_insert(host: Machine, sk: sock | request_sock, osk: request_sock | undefined): boolean {
  if (osk === undefined && host.ehash.has(sk.peer)) {
    host.rule('inet_ehash_insert/taken');
    return false;
  }
  return earlier.inet_ehash_insert(host, sk, osk);
}
