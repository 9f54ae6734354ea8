/** What 6.12 makes of data: the window that memory is good for, how long ACKs wait, and a FIN where the window is closed. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_6_1 } from '../../src/linux-6.1/index.js';
import { linux_6_12 } from '../../src/linux-6.12/index.js';
import { linux_7_2 } from '../../src/linux-7.2/index.js';
import { Connection } from '../support/connection.js';
import { Server } from '../support/server.js';

/** Sends full segments, each after the ACK of the one before, until the window is closed: how many bytes were taken. */
function fill(connection: Connection, len = 1460): number {
  for (let seq = 1; ; seq += len) {
    connection.counted();
    connection.send({ flags: 'PA', seq, len });
    const { TCPZeroWindowDrop = 0, BeyondWindow = 0 } = connection.counted();
    if (TCPZeroWindowDrop + BeyondWindow > 0) return seq - 1;
    connection.wait(60);
  }
}

describe('the window', () => {
  it.each<[KernelVariant, number]>([
    [linux_6_1, 78_400],
    [linux_6_12, 76_300],
    [linux_7_2, 76_300],
  ])('takes as many segments as the share of data in them allows', (kernel, bytes) => {
    expect(fill(Connection.established(kernel), 700)).toBe(bytes);
  });

  it.each([-2, 0, 2])('does not hang on tcp_adv_win_scale any more: %i', (scale) => {
    const scaled = (kernel: KernelVariant): number =>
      fill(Connection.established(kernel, { 'net.ipv4.tcp_adv_win_scale': scale }));
    expect(scaled(linux_6_12)).toBe(81_760);
    expect(scaled(linux_6_1)).not.toBe(81_760);
  });

  it('is reckoned anew only when a segment is longer than those before', () => {
    const connection = Connection.established(linux_6_12);
    const lengths = [536, 537, 537, 100, 1460, 1460];
    let seq = 1;
    const reckoned = lengths.filter((len) => {
      connection.send({ flags: 'PA', seq, len });
      seq += len;
      return connection.fired().includes('tcp_measure_rcv_mss/new-ratio');
    });
    expect(reckoned).toEqual([537, 1460]);
  });

  it('is reckoned anew by a segment that came too early, too', () => {
    const connection = Connection.established(linux_6_12);
    connection.send({ flags: 'PA', seq: 101, len: 1460 });
    expect(connection.fired()).toContain('tcp_measure_rcv_mss/new-ratio');
    expect(fill(connection)).toBeGreaterThan(78_000);
  });
});

describe('a FIN where the window is closed', () => {
  it.each([linux_6_12, linux_7_2])('is taken if it comes alone', (kernel) => {
    const connection = Connection.established(kernel);
    const edge = fill(connection) + 1;
    connection.send({ flags: 'FA', seq: edge });
    expect(connection.state()).toBe('CLOSE_WAIT');
    expect(connection.counted()).toEqual({ TCPRcvCoalesce: 1 });
    expect(connection.wait(250).join()).toContain(`ack ${edge + 1}`);
  });

  it.each([linux_6_12, linux_7_2])('is dropped with data, although the data is old', (kernel) => {
    const connection = Connection.established(kernel);
    const edge = fill(connection) + 1;
    connection.send({ flags: 'FA', seq: edge - 10, len: 10 });
    expect(connection.state()).toBe('ESTABLISHED');
    expect(connection.counted()).toEqual({ TCPZeroWindowDrop: 1 });
  });

  it('is dropped in 6.1', () => {
    const connection = Connection.established(linux_6_1);
    connection.send({ flags: 'FA', seq: fill(connection) + 1 });
    expect(connection.state()).toBe('ESTABLISHED');
  });
});

describe('an ACK', () => {
  /** A connection of which no round trip is known, by now without quick ACKs, and the delays of its last ACKs in ms. */
  class Slow {
    private readonly s: Server;
    private seq = 1;
    private at = 0;
    readonly delays: string[] = [];

    constructor(kernel: KernelVariant) {
      this.s = new Server(kernel, { sysctl: { tcp_syncookies: 2 } }).connect(1);
      while (this.delays.length < 6) this.send(1);
    }

    /** So many single bytes at once, 400 ms after the last, at a multiple of 8 ms. */
    send(count: number): this {
      this.at += 400;
      this.s.waitUntil(this.at);
      for (let i = 0; i < count; i++) this.s.send(1, 'PA', { seq: this.seq++, len: 1 });
      this.delays.push(...this.s.wait(300).map((sent) => String(Number.parseFloat(sent) - this.at)));
      return this;
    }
  }

  it('waits twice as long each time, but always less than 200 ms', () => {
    expect(new Slow(linux_6_12).delays).toEqual(['41', '88', '168', '200', '200', '200']);
    expect(new Slow(linux_6_1).delays).toEqual(['41', '88', '168', '208', '208', '208']);
  });

  it('is soon quick again when more comes at a time, as the delay has never grown beyond 200 ms', () => {
    const last = (kernel: KernelVariant) => new Slow(kernel).send(5).send(1).delays.at(-1);
    expect(last(linux_6_12)).toBe('104');
    expect(last(linux_6_1)).toBe('208');
  });
});

describe('short segments', () => {
  it.each<[KernelVariant, number, number]>([
    [linux_6_1, 44, 1],
    [linux_6_1, 45, 0],
    [linux_6_12, 108, 1],
    [linux_6_12, 109, 0],
  ])('share a buffer as long as both fit into one of the smallest', (kernel, len, coalesced) => {
    const connection = Connection.established(kernel);
    connection.send({ flags: 'PA', seq: 1, len });
    connection.send({ flags: 'PA', seq: 1 + len, len });
    expect(connection.counted()['TCPRcvCoalesce'] ?? 0).toBe(coalesced);
  });
});

describe('a segment that is longer than a page', () => {
  it.each<[KernelVariant, number]>([
    [linux_6_1, 1],
    [linux_6_12, 0],
  ])('has no room behind its data for the next one', (kernel, coalesced) => {
    const connection = Connection.established(kernel);
    connection.send({ flags: 'PA', seq: 1, len: 5000 });
    connection.send({ flags: 'PA', seq: 5001, len: 100 });
    expect(connection.counted()['TCPRcvCoalesce'] ?? 0).toBe(coalesced);
  });
});
