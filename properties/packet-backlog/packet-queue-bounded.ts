/** How many packets a CPU's queue takes. */

import { isSince } from '../../src/host/kernel-spec.js';
import { PACKET_KERNELS } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { PacketPlay, type PacketScript, packetScript } from './script.js';

export const packetQueueBounded = property<PacketScript>({
  id: 'packet-queue-bounded',
  sentence:
    'A packet is queued only while no more than netdev_max_backlog wait, so that never more than one above the limit do; it is dropped only beyond that, because its device is down, or where flows are limited (from 4.15 on) and half of the limit waits.',
  kernels: PACKET_KERNELS,
  rules: ['enqueue_to_backlog/queued', 'enqueue_to_backlog/full', 'process_backlog/taken-over'],
  runs: 400,
  arbitrary: ({ kernel }) => packetScript(kernel),
  check(script, bench) {
    const play = new PacketPlay(bench.kernel, script);
    let before = 0;
    play.play(script.events, {
      before: ({ backlog }, to) => {
        before = to === undefined ? 0 : backlog.waiting(to).limited;
      },
      after: ({ backlog }, to, queued, { deviceDown = false }) => {
        if (to === undefined) return;
        const { limited } = backlog.waiting(to);
        const most = backlog.sysctl['net.core.netdev_max_backlog'] ?? 0;
        if (queued) {
          expectThat(limited === before + 1, () => `${before} waited, and ${limited} with one more`);
          expectThat(limited <= most + 1, () => `${limited} wait with a limit of ${most}`);
        } else {
          expectThat(limited === before, () => `${before} waited, and ${limited} after one was dropped`);
          const down = isSince(bench.kernel.name, '4.15') && deviceDown;
          const limitsFlows = (backlog.sysctl['net.core.flow_limit_cpu_bitmap'] ?? 0) > 0 && before >= most >> 1;
          expectThat(
            before > most || down || limitsFlows,
            () => `dropped with ${before} waiting and a limit of ${most}`,
          );
        }
      },
    });
    bench.note(play.backlog.fired);
  },
  scenarios: () => [],
});
