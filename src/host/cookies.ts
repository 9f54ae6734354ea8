/** SYN cookies as numbers. What a cookie proves is the model's business; here is only how they are made and recognised. */

import type { Clock, Instant } from './clock.js';
import type { Environment } from './environment.js';
import { type SequenceNumber, u32 } from './sequence.js';

interface Issued {
  readonly at: Instant;
  /** The peer's sequence number that it answered. */
  readonly seq: SequenceNumber;
  /** The cookie, less that number and the data. */
  readonly base: SequenceNumber;
}

const KEEP = 5 * 60 * 1_000_000;
const COOKIEMASK = 0xffffff;

/**
 * The secret that makes cookies unforgeable is replaced by a record of those made in the last five minutes, which is longer
 * than any kernel accepts one. So a cookie is recognised exactly when the kernel would recognise it, a guess in 2^24 apart.
 */
export class Cookies {
  /** By peer, the one that was last sent a cookie at the end; of each the oldest first. */
  private readonly issued = new Map<number, Issued[]>();

  /** `secure_tcp_syn_cookie`: the same peer, number, minute and data give the same cookie. */
  make(env: Environment, clock: Clock, now: Instant, peer: number, seq: SequenceNumber, data: number): SequenceNumber {
    const issued = this.issued.get(peer) ?? [];
    const last = issued[issued.length - 1];
    if (last?.seq === seq && clock.fewerMinutes(env, last.at, now, 1)) return u32(last.base + seq + data);
    this.forget(now);
    const base = u32(env.random32() - seq);
    this.issued.delete(peer);
    this.issued.set(peer, [...issued.filter((one) => now - one.at <= KEEP), { at: now, seq, base }]);
    return u32(base + seq + data);
  }

  /**
   * `check_tcp_syn_cookie`: the small number that is hidden in `cookie` (an index into msstab) if it was made for this peer and
   * number and the cookie clock's minute has changed fewer than `maxdiff` times since; otherwise undefined.
   */
  check(
    env: Environment,
    clock: Clock,
    now: Instant,
    cookie: SequenceNumber,
    peer: number,
    seq: SequenceNumber,
    maxdiff: number,
  ): number | undefined {
    let found: number | undefined;
    for (const { at, base } of this.issued.get(peer) ?? []) {
      const data = u32(cookie - base - seq);
      // Of two cookies that lie near each other, the one that was sent is meant: it is the nearer one.
      if (data > COOKIEMASK || (found !== undefined && data >= found)) continue;
      if (clock.fewerMinutes(env, at, now, maxdiff)) found = data;
    }
    return found;
  }

  /** Drops the peers whose last cookie is too old. */
  private forget(now: Instant): void {
    for (const [peer, issued] of this.issued) {
      if (now - (issued[issued.length - 1] as Issued).at <= KEEP) return;
      this.issued.delete(peer);
    }
  }
}
