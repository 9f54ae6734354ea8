/** Each relation finds the mistake that it is there to find, makes it small, and says how to see it again. */

import { describe, expect, it } from 'vitest';
import { ndjson, runProperty } from '../../properties/campaign.js';
import type { Corruption } from '../../properties/corruptions/corruptions.js';
import type { Property } from '../../properties/property.js';
import { abortOnOverflow } from '../../properties/relations/abort-on-overflow.js';
import { anyInput } from '../../properties/relations/any-input.js';
import { changedRules } from '../../properties/relations/changed-rules.js';
import { clonedMachine } from '../../properties/relations/cloned-machine.js';
import { cookiesOnlyAdd } from '../../properties/relations/cookies-only-add.js';
import { judgeAcceptsTheModel } from '../../properties/relations/judge-accepts-the-model.js';
import { rejecting } from '../../properties/relations/judge-rejects-falsified.js';
import { kernelsAgree } from '../../properties/relations/kernels-agree.js';
import { largerBacklog } from '../../properties/relations/larger-backlog.js';
import { movedInTime } from '../../properties/relations/moved-in-time.js';
import { renamedPeers } from '../../properties/relations/renamed-peers.js';
import { secondListener } from '../../properties/relations/second-listener.js';
import { splitWait } from '../../properties/relations/split-wait.js';
import type { Host } from '../../src/host/host.js';
import type { KernelVariant, ListenerInfo } from '../../src/host/variant.js';
import { KERNELS } from '../../src/kernels.js';
import { TraceDecoder } from '../../src/trace/decode.js';

/** A kernel with a mistake. */
type Fault = (kernel: KernelVariant) => KernelVariant;

/** One whose TCP_INFO is changed. */
const telling =
  (change: (info: ListenerInfo, host: Host) => Partial<ListenerInfo>): Fault =>
  (kernel) => ({
    ...kernel,
    listener(host) {
      const info = kernel.listener(host);
      return info === undefined ? undefined : { ...info, ...change(info, host) };
    },
  });

/** One to which some segments do not come. */
const deafTo =
  (isLost: (peer: number, host: Host, kernel: KernelVariant) => boolean): Fault =>
  (kernel) => ({
    ...kernel,
    receive(host, segment) {
      if (!isLost(segment.peer, host, kernel)) kernel.receive(host, segment);
    },
  });

const readings = new WeakMap<Host, number>();

/** Counts how often it was read. */
const countsReadings = telling(({ acceptQueue }, host) => {
  const count = (readings.get(host) ?? 0) + 1;
  readings.set(host, count);
  return { acceptQueue: acceptQueue + count };
});

let segmentsOfAllMachines = 0;

const unchanged: Corruption = { kind: 'unchanged', sentence: 'Nothing is false.', corrupt: () => true };

const faults: readonly (readonly [property: Property, mistake: string, fault: Fault])[] = [
  [
    movedInTime,
    'a queue that seems longer after 10 s',
    telling(({ acceptQueue }, { now }) => ({ acceptQueue: acceptQueue + (now > 1e7 ? 1 : 0) })),
  ],
  [splitWait, 'a reading that changes what is read', countsReadings],
  [renamedPeers, 'a peer with an odd number that is not heard', deafTo((peer) => peer % 2 === 1)],
  [
    secondListener,
    'a listen on another socket that is counted as a drop',
    (kernel) => ({
      ...kernel,
      call(host, call) {
        if (call.syscall === 'listen' && call.on !== undefined) host.count('ListenDrops');
        return kernel.call(host, call);
      },
    }),
  ],
  [
    clonedMachine,
    'a state that all machines share',
    (kernel) => ({
      ...telling(({ acceptQueue }) => ({ acceptQueue: acceptQueue + segmentsOfAllMachines }))(kernel),
      receive(host, segment) {
        segmentsOfAllMachines += 1;
        kernel.receive(host, segment);
      },
    }),
  ],
  [
    largerBacklog,
    'a backlog above 3 that is taken for 0',
    (kernel) => ({
      ...kernel,
      call: (host, call) =>
        kernel.call(host, call.syscall === 'listen' && call.backlog > 3 ? { ...call, backlog: 0 } : call),
    }),
  ],
  [
    abortOnOverflow,
    'a limit that is one more with tcp_abort_on_overflow',
    telling(({ maxAcceptQueue }, { sysctl }) => ({
      maxAcceptQueue: maxAcceptQueue + (sysctl['net.ipv4.tcp_abort_on_overflow'] ?? 0),
    })),
  ],
  [
    cookiesOnlyAdd,
    'a listener that hears nobody once two connections wait, if cookies are on',
    deafTo(
      (_, host, kernel) =>
        host.sysctl['net.ipv4.tcp_syncookies'] === 1 && (kernel.listener(host)?.acceptQueue ?? 0) >= 2,
    ),
  ],
  [kernelsAgree, 'a queue that seems one longer', telling(({ acceptQueue }) => ({ acceptQueue: acceptQueue + 1 }))],
  [
    judgeAcceptsTheModel,
    'a queue that seems one longer',
    telling(({ acceptQueue }) => ({ acceptQueue: acceptQueue + 1 })),
  ],
  [rejecting([unchanged]), 'a lie that is none', (kernel) => kernel],
  [anyInput, 'a queue of -1', telling(() => ({ acceptQueue: -1 }))],
];

describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('on %s', (_, kernel) => {
  for (const [property, mistake, fault] of faults) {
    it(`${property.id} finds ${mistake}`, () => {
      const faulty = fault(kernel);
      const { status, failure } = runProperty(property, faulty, { seed: 1 });
      expect(status).toBe('falsified');
      expect(failure?.replay).toBe(
        `tcp-backlog check --run ${property.id} --kernel ${kernel.name} --seed 1 --path ${failure?.path}`,
      );
      const again = runProperty(property, faulty, { seed: 1, path: failure?.path ?? '' });
      expect(again).toMatchObject({ status: 'falsified', runs: 1, failure: { path: failure?.path } });
      if (property !== anyInput) expect(again.failure?.traces.length).toBeGreaterThan(0);
      for (const trace of again.failure?.traces ?? []) {
        const records = new TraceDecoder().decode(Buffer.from(ndjson(trace)));
        expect(records.filter(({ kind }) => kind === 'invalid')).toEqual([]);
        expect(trace.steps.length).toBeLessThanOrEqual(8);
      }
      expect(runProperty(property, kernel, { seed: 1, path: failure?.path ?? '' }).status).toBe(
        mistake === 'a lie that is none' ? 'falsified' : 'holds',
      );
    });
  }
});

describe('the rules that changed', () => {
  const changed = changedRules('2.6.32', '4.15');

  it('are those that one kernel lacks, or of which it says something else', () => {
    expect(changed.has('tcp_conn_request/accept-queue-full')).toBe(true);
    expect(changed.has('tcp_check_req/duplicate-syn')).toBe(true);
    expect(changed.has('tcp_check_req/handshake-complete')).toBe(false);
  });

  it('are not those that moved to another function', () => {
    expect(changed.has('get_cookie_sock/no-child')).toBe(false);
    expect(changed.has('tcp_get_cookie_sock/no-child')).toBe(false);
  });

  it('are the same from either side', () => {
    expect([...changedRules('4.15', '2.6.32')].sort()).toEqual([...changed].sort());
  });
});
