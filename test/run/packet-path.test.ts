/** What a listener sees of segments that have to come through the packet backlog. */

import { describe, expect, it } from 'vitest';
import type { ArrivingSegment } from '../../src/generated/types.js';
import { PacketPath, type PacketPathOptions, type PathStep } from '../../src/run/packet-path.js';
import { WITH_PACKET_BACKLOG } from '../support/kernels.js';

const syn = (peer: number): ArrivingSegment => ({ peer, flags: ['SYN'], seq: 100 });
const ack = (peer: number): ArrivingSegment => ({
  peer,
  flags: ['ACK'],
  seq: 101,
  ack: { of: 'synack', plus: 1 },
});
const syns = (from: number, count: number): ArrivingSegment[] => Array.from({ length: count }, (_, i) => syn(from + i));
const counters = (steps: readonly PathStep[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const { tcp } of steps) {
    for (const [name, by] of Object.entries(tcp?.observed.counters ?? {})) sum[name] = (sum[name] ?? 0) + by;
  }
  return sum;
};

describe.each(WITH_PACKET_BACKLOG)('a listener on %s', (name, kernel) => {
  const listening = (options: PacketPathOptions = {}): PacketPath => {
    const path = new PacketPath(kernel, options);
    path.step({ syscall: 'listen', backlog: 1024 });
    return path;
  };
  const roomy = { 'net.core.somaxconn': 4096, 'net.ipv4.tcp_max_syn_backlog': 4096 };

  it('hears a SYN when the softirq runs, and not before', () => {
    const path = listening();
    const { tcp, rules } = path.step({ segments: [syn(1)] });
    expect(tcp).toBeUndefined();
    expect(rules).toContain('enqueue_to_backlog/first');
    expect(path.step({ wait: 10_000 }).tcp?.out).toEqual([]);
    const { tcp: heard } = path.step({ softirq: 0 });
    expect(heard).toMatchObject({ at: 10_000, out: [{ peer: 1, flags: ['SYN', 'ACK'] }] });
    expect(path.step({ softirq: 0 }).tcp).toBeUndefined();
  });

  it('never hears of a SYN that a flood kept out of the packet backlog: only softnet_stat shows it', () => {
    const path = listening({ sysctl: roomy });
    const flood = path.step({ segments: syns(1000, 1500) });
    expect(flood.dropped).toHaveLength(499);
    const victim = path.step({ segments: [syn(1)] });
    expect(victim.dropped).toEqual([syn(1)]);
    expect(victim.rules.at(-1)).toBe('enqueue_to_backlog/full');
    const moved = counters(path.settle());
    expect(path.backlog.softnetStat(0).dropped).toBe(500);
    expect(moved).toMatchObject({ InSegs: 1001 });
    expect(Object.keys(moved).filter((counter) => /Drop|Overflow|Fail|Err/.test(counter))).toEqual([]);
    expect(path.simulation.host.counters.ListenDrops ?? 0).toBe(0);

    expect(path.step({ segments: [syn(1)] }).dropped).toEqual([]);
    expect(path.settle().at(-1)?.tcp?.out).toMatchObject([{ peer: 1, flags: ['SYN', 'ACK'] }]);
  });

  it('loses nobody in the packet backlog if the softirq runs often enough, but in the SYN queue then', () => {
    const path = listening({ sysctl: { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 64 } });
    const steps: PathStep[] = [];
    for (let peer = 0; peer < 1500; peer += 100) {
      steps.push(path.step({ segments: syns(peer, 100) }), ...path.settle());
    }
    expect(path.backlog.softnetStat(0).dropped).toBe(0);
    const { InSegs, ListenDrops = 0, TCPReqQFullDrop = 0 } = counters(steps);
    expect(InSegs).toBe(1500);
    // 2.6.32 counts a SYN that its full queue turns away nowhere.
    expect(ListenDrops + TCPReqQFullDrop > 0).toBe(name === '4.15');
  });

  it('takes an acknowledgement for what the peer knew when it sent it', () => {
    const path = listening();
    path.step({ segments: [syn(1)] });
    path.settle();
    path.step({ segments: [ack(1)] });
    expect(path.clone().settle().at(-1)?.tcp?.observed.listener?.acceptQueue).toBe(1);
    const copy = path.clone();
    copy.step({ segments: [{ peer: 1, flags: ['RST'], seq: 101 }, syn(1)] });
    copy.settle();
    expect(path.settle().at(-1)?.tcp?.observed.listener?.acceptQueue).toBe(1);
    expect(path.step({ syscall: 'accept', nonblocking: true }).tcp).toMatchObject({ result: 0, accepted: 1 });
  });

  it('hears segments in the softirq of the CPU that steering chooses', () => {
    const path = listening({ cpus: 2 });
    path.step({ segments: [syn(1)], rps: 1 });
    expect(path.step({ softirq: 1 }).tcp).toBeUndefined();
    expect(path.step({ softirq: 0 }).tcp).toBeUndefined();
    expect(path.step({ softirq: 1 }).tcp?.out).toHaveLength(1);
    path.step({ segments: [syn(2)], cpu: 1 });
    expect(path.settle().at(-1)?.tcp?.out).toMatchObject([{ peer: 2 }]);
    expect(path.backlog.softnetStat(1)).toMatchObject({ received_rps: 1 });
  });

  it('has the sysctls of both: those of the packet backlog can change on the way', () => {
    const path = listening({ sysctl: { 'net.core.netdev_max_backlog': 1, 'net.core.somaxconn': 7 } });
    expect(path.step({ segments: syns(1, 3) }).dropped).toHaveLength(1);
    expect(path.step({ sysctl: { 'net.core.netdev_max_backlog': 2 } }).tcp).toBeUndefined();
    expect(path.step({ segments: syns(4, 3) }).dropped).toHaveLength(2);
    expect(path.step({ sysctl: { 'net.ipv4.tcp_syncookies': 0 } }).tcp).toMatchObject({ result: 0 });
    expect(path.settle().at(-1)?.tcp?.observed.listener?.maxAcceptQueue).toBe(7);
  });
});
