/** The adapter to the running kernel, from its first request to its last. */

import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism, release } from 'node:os';
import { describe, expect } from 'vitest';
import { runScenario } from '../../src/conformance/run-scenario.js';
import type { SubjectEvent, SubjectObservation, SubjectOutcome } from '../../src/conformance/subject.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { liveIt } from '../support/live.js';
import { explainedBy, recordedScenario, withAdapter } from './traces.js';

const LISTEN: SubjectEvent = { syscall: 'listen', backlog: 2 };
const ACCEPT: SubjectEvent = { syscall: 'accept', nonblocking: true };
const syn = (peer: number): SubjectEvent => ({ segments: [{ peer, flags: ['SYN'], seq: 1000 }] });

describe('the running kernel', { concurrent: true }, () => {
  liveIt('is a subject that tells who it is, and how exactly it tells the time', async () => {
    await withAdapter(async ({ capabilities }) => {
      const { release: running, observes, clock, hz = 0, sysctls, features } = capabilities;
      expect(running).toBe(release());
      expect(observes).toEqual({ level: 'sockets' });
      expect(hz).toBeGreaterThanOrEqual(100);
      if (clock.kind !== 'real') throw new Error(`its clock is ${clock.kind}`);
      expect(clock.tolerance.timer).toBeGreaterThanOrEqual(1_000_000 / hz);
      expect(clock.tolerance.next).toBeGreaterThanOrEqual(1_000_000 / hz);
      expect(clock.longest).toBe(70_000_000);
      expect(sysctls).toContain('net.core.somaxconn');
      expect(sysctls).toContain('net.ipv4.tcp_syncookies');
      expect(features).not.toContain('faults');
    });
  });

  liveIt('answers handshakes, and shows its queues, counters and sockets', async () => {
    await withAdapter(async (subject) => {
      const step = async (event: SubjectEvent): Promise<[SubjectOutcome, SubjectObservation]> => [
        await subject.apply(event, 0),
        await subject.observe(),
      ];
      const refusal = await subject.reset({
        sysctl: { 'net.core.somaxconn': -1, 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_synack_retries': 1 },
        sockopt: {},
      });
      expect(refusal).toEqual({ refused: { 'net.core.somaxconn': 'EINVAL' }, uptime: expect.any(Number) });
      const [listened, idle] = await step(LISTEN);
      expect(listened).toMatchObject({ result: 0, out: [] });
      expect(idle).toMatchObject({ listener: { state: 'LISTEN', acceptQueue: 0, maxAcceptQueue: 2 }, sockets: [] });
      expect(idle.counters).toEqual({});

      // The highest number that a peer can have.
      const [asked, pending] = await step(syn(4294967295));
      const [synAck, ...more] = asked.out ?? [];
      expect(synAck).toMatchObject({ peer: 4294967295, flags: ['SYN', 'ACK'], ack: 1001 });
      expect(more).toEqual([]);
      expect(pending.counters).toEqual({ InSegs: 1, OutSegs: 1 });
      expect(pending.sockets).toEqual([{ peer: 4294967295, state: 'SYN_RECV', retransmits: 0, accepted: false }]);

      const [waited, after] = await step({ wait: 1_200_000 });
      expect(waited.out).toMatchObject([{ peer: 4294967295, flags: ['SYN', 'ACK'], seq: synAck?.seq, ack: 1001 }]);
      const delay = (waited.out?.[0]?.at ?? 0) - (synAck?.at ?? 0);
      expect(delay).toBeGreaterThanOrEqual(990_000);
      expect(delay).toBeLessThan(1_150_000);
      expect(after.sockets).toMatchObject([{ retransmits: 1 }]);
      expect((after.at ?? 0) - (waited.at ?? 0)).toBeGreaterThanOrEqual(1_200_000);

      const ack = ((synAck?.seq ?? 0) + 1) >>> 0;
      const [, complete] = await step({ segments: [{ peer: 4294967295, flags: ['ACK'], seq: 1001, ack }] });
      expect(complete.listener?.acceptQueue).toBe(1);
      const [accepted, taken] = await step(ACCEPT);
      expect(accepted).toMatchObject({ result: 0, accepted: 4294967295 });
      expect(taken.sockets).toMatchObject([{ state: 'ESTABLISHED', accepted: true }]);
      expect(await step(ACCEPT)).toMatchObject([{ result: 'EAGAIN' }, {}]);
      const [closed] = await step({ syscall: 'close', peer: 4294967295, linger: 0 });
      expect(closed).toMatchObject({ result: 0, out: [{ flags: ['ACK', 'RST'].reverse(), seq: ack }] });
      expect(await step({ syscall: 'close', peer: 4294967295, linger: 0 })).toMatchObject([{ result: 'EBADF' }, {}]);
      const [written] = await step({ sysctl: { 'net.core.somaxconn': -1 } });
      expect(written.result).toBe('EINVAL');
    });
  });

  liveIt('is a new machine after each reset', async () => {
    await withAdapter(async (subject) => {
      const limits: (number | undefined)[] = [];
      for (const sysctl of [{ 'net.core.somaxconn': 7 }, {}]) {
        const begin = performance.now();
        await subject.reset({ sysctl: { ...sysctl, 'net.ipv4.tcp_syncookies': 0 }, sockopt: {} });
        await subject.apply({ syscall: 'listen', backlog: 100 }, 0);
        const { at = 0, out } = await subject.apply(syn(3), 0);
        const { counters, listener, sockets } = await subject.observe();
        expect(at / 1000).toBeLessThan(performance.now() - begin);
        expect(out).toHaveLength(1);
        expect(counters).toEqual({ InSegs: 1, OutSegs: 1 });
        expect(sockets).toHaveLength(1);
        limits.push(listener?.maxAcceptQueue);
      }
      expect(limits).toEqual([7, 100]);
    });
  });

  liveIt('tells for how long the machine has been up, by its jiffies', async () => {
    await withAdapter(async (subject) => {
      for (let i = 0; i < 2; i++) {
        const before = process.hrtime.bigint();
        const { uptime = 0 } = (await subject.reset({ sysctl: {}, sockopt: {} })) ?? {};
        // A machine loses ticks while it boots.
        expect(uptime).toBeGreaterThan(Number(before / 1000n) - 60_000_000);
        expect(uptime).toBeLessThan(Number(process.hrtime.bigint() / 1000n));
      }
    });
  });

  liveIt('does not answer a SYN to a broadcast address, and a timestamp with a timestamp', async () => {
    await withAdapter(async (subject) => {
      await subject.reset({ sysctl: {}, sockopt: {} });
      await subject.apply(LISTEN, 0);
      const { out: none } = await subject.apply(
        { segments: [{ peer: 1, flags: ['SYN'], seq: 5, broadcast: true }] },
        0,
      );
      expect(none).toEqual([]);
      const { out: [synAck] = [] } = await subject.apply(
        { segments: [{ peer: 2, flags: ['SYN'], seq: 5, options: ['TS'] }] },
        0,
      );
      const { out } = await subject.apply(
        { segments: [{ peer: 2, flags: ['ACK'], seq: 6, ack: ((synAck?.seq ?? 0) + 1) >>> 0, options: ['TS'] }] },
        0,
      );
      expect(out).toEqual([]);
      const { counters = {}, listener } = await subject.observe();
      expect(listener?.acceptQueue).toBe(1);
      expect(Object.keys(counters).filter((name) => name.startsWith('PAWS') || name.startsWith('TSEcr'))).toEqual([]);
    });
  });

  liveIt('does what a specified kernel may do, in recorded scenarios', async () => {
    await withAdapter(async (subject) => {
      for (const id of [
        'listen-errnos',
        'accept-is-fifo',
        'b3-last-ack-overflows',
        'syn-new-isn-same-tuple',
        'cookies-complete-handshake',
        'timestamps-syn',
        'timestamps-cookie',
        'out-of-window-ack',
        'defer-accept-1s-data',
        'fastopen-reset',
        'fifty-connections-accepted-in-order',
        'shutdown-twice',
      ]) {
        const trace = await runScenario(subject, linux_4_15, recordedScenario(id), id);
        expect(explainedBy(trace), id).not.toEqual([]);
      }
    });
  });

  liveIt('may be recorded twice, and judges the same', async () => {
    await withAdapter(async (subject) => {
      const scenario = recordedScenario('b2-shutdown-with-requests');
      const one = await runScenario(subject, linux_4_15, scenario);
      const two = await runScenario(subject, linux_4_15, scenario);
      expect(explainedBy(one)).not.toEqual([]);
      expect(explainedBy(two)).toEqual(explainedBy(one));
      const numbers = ({ out }: (typeof one.steps)[number]): unknown =>
        out.map(({ peer, flags, ack }) => [peer, flags, ack]);
      expect(two.steps.map(numbers)).toEqual(one.steps.map(numbers));
    });
  });

  liveIt('is recorded as exactly while all processors are busy', async () => {
    const burners: ChildProcess[] = [];
    try {
      for (let i = 0; i < 2 * availableParallelism(); i++) burners.push(spawn(process.execPath, ['-e', 'for (;;);']));
      await withAdapter(async (subject) => {
        for (const id of ['b2-shutdown-with-requests', 'defer-accept-3s-data', 'last-quarter-reserved']) {
          const trace = await runScenario(subject, linux_4_15, recordedScenario(id), id);
          expect(explainedBy(trace), id).not.toEqual([]);
        }
      });
    } finally {
      for (const burner of burners) burner.kill('SIGKILL');
    }
  });
});
