/** What hangs on for how long the machine has been up: a stamp of 0 is no stamp, but where 32 bits of jiffies are about 0. */

import { describe, expect, it } from 'vitest';
import { KERNELS } from '../../src/kernels.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { Server } from '../support/server.js';

const NEAR_ZERO = 'tcp_synq_no_recent_overflow/jiffies-near-zero';
/** ms after which 32 bits of jiffies are what they were, at the HZ of {@link Server}. */
const PERIOD = 2 ** 32;

/** The rule by which an ACK that belongs to nothing is refused, after so many ms of uptime. */
function refusal(uptime: number, kernel = linux_5_10): string | undefined {
  const server = new Server(kernel, { uptime });
  server.ack(7);
  const rules = server.rules();
  expect(server.counted()['SyncookiesFailed'] ?? 0).toBe(rules.includes('cookie_v4_check/not-a-cookie') ? 1 : 0);
  expect(rules.includes(NEAR_ZERO)).toBe(rules.includes('cookie_v4_check/not-a-cookie'));
  return rules.find((rule) => rule.startsWith('cookie_v4_check/'))?.split('/')[1];
}

describe('a listener that never sent a cookie', () => {
  it.each([
    [0, 'no-recent-cookie'],
    [298_999, 'no-recent-cookie'],
    [299_000, 'not-a-cookie'],
    [300_000, 'not-a-cookie'],
    [420_000, 'not-a-cookie'],
    [420_001, 'no-recent-cookie'],
    [PERIOD + 298_999, 'no-recent-cookie'],
    [PERIOD + 299_000, 'not-a-cookie'],
    [2 * PERIOD + 420_000, 'not-a-cookie'],
    [2 * PERIOD + 420_001, 'no-recent-cookie'],
  ])('after %d ms of uptime refuses an ACK as %s', (uptime, rule) => {
    expect(refusal(uptime)).toBe(rule);
  });

  it('looks for a cookie as long as the machine is up for 299 to 420 s, whenever it began to listen', () => {
    const server = new Server(linux_5_10, { uptime: 298_500 });
    const failed: number[] = [];
    for (const ms of [499, 500, 60_000, 121_500, 121_501]) {
      server.waitUntil(ms);
      server.ack(7);
      failed.push(server.counted()['SyncookiesFailed'] ?? 0);
    }
    expect(failed).toEqual([0, 1, 1, 1, 0]);
  });

  it('is not mistaken where the uptime is not known', () => {
    const server = new Server(linux_5_10);
    server.ack(7);
    expect(server.rules()).toContain('cookie_v4_check/no-recent-cookie');
  });

  it('is not mistaken in earlier kernels, whose stamp has 64 bits', () => {
    expect(refusal(300_000, linux_4_15)).toBe('no-recent-cookie');
  });

  it.each(KERNELS.slice(2).map((kernel) => [kernel.name, kernel] as const))('is mistaken in %s', (_name, kernel) => {
    expect(refusal(300_000, kernel)).toBe('not-a-cookie');
  });

  it('takes the good cookie of the listener before it', () => {
    const accepted = (uptime: number): number | string => {
      const server = new Server(linux_5_10, { sysctl: { tcp_syncookies: 2 }, uptime });
      server.syn(7);
      server.call({ syscall: 'close' });
      server.listen(5);
      server.ack(7);
      return server.accept();
    };
    expect(accepted(290_000)).toBe('EAGAIN');
    expect(accepted(310_000)).toBe(7);
    expect(accepted(430_000)).toBe('EAGAIN');
  });
});

describe('the first cookie of a listener', () => {
  /** Whether an ACK counts SyncookiesFailed when the machine is up for so many ms, after cookies were sent at `sent`. */
  function looksAt(sent: readonly number[], at: number): boolean {
    const begin = 299_500;
    const server = new Server(linux_5_10, { sysctl: { tcp_syncookies: 2 }, uptime: begin });
    for (const [peer, ms] of sent.entries()) {
      server.waitUntil(ms - begin);
      server.syn(peer);
    }
    server.counted();
    server.waitUntil(at - begin);
    server.ack(99);
    return server.counted()['SyncookiesFailed'] === 1;
  }

  it.each([
    [299_999, 419_999, true],
    [299_999, 420_000, false],
    [300_000, 420_000, true],
    [300_000, 420_001, false],
    [301_000, 420_000, true],
    [301_000, 420_001, false],
    [301_001, 421_001, true],
    [301_001, 421_002, false],
  ])('sent after %d ms of uptime: an ACK after %d ms is looked at: %s', (sent, at, looks) => {
    expect(looksAt([sent], at)).toBe(looks);
  });

  it('is not noted in the second after jiffies were 0, so that the next one is', () => {
    const server = new Server(linux_5_10, { sysctl: { tcp_syncookies: 2 }, uptime: 300_500 });
    server.syn(1);
    expect(server.rules()).toContain('tcp_synq_overflow/jiffies-near-zero');
    server.waitUntil(501);
    server.syn(2);
    expect(server.rules()).not.toContain('tcp_synq_overflow/jiffies-near-zero');
    expect(looksAt([300_500, 301_001], 421_001)).toBe(true);
    expect(looksAt([300_500, 301_000], 420_001)).toBe(false);
  });
});
