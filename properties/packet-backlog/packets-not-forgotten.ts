/** No packet waits for a softirq that never comes. */

import { PACKET_KERNELS } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { PacketPlay, type PacketScript, packetScript } from './script.js';

export const packetsNotForgotten = property<PacketScript>({
  id: 'packets-not-forgotten',
  sentence:
    'While packets wait, the softirq of a CPU is pending; once those that are pending have run often enough, no packet waits.',
  kernels: PACKET_KERNELS,
  rules: [
    'enqueue_to_backlog/first',
    'enqueue_to_backlog/other-cpu',
    'rps_ipi_queued/other-cpu',
    'net_rx_action/out-of-budget',
  ],
  runs: 400,
  arbitrary: ({ kernel }) => packetScript(kernel),
  check(script, bench) {
    const play = new PacketPlay(bench.kernel, script);
    const { backlog } = play;
    const pending = (): number => backlog.softirqPending.indexOf(true);
    play.play(script.events, {
      done: () =>
        expectThat(play.waiting === 0 || pending() >= 0, () => `${play.waiting} wait, and nothing is pending`),
    });
    // Each run processes a packet, interrupts a CPU, or ends a poll.
    let runs = 2 * play.waiting + 4 * backlog.cpus;
    for (let cpu = pending(); cpu >= 0 && runs > 0; cpu = pending(), runs--) play.softirq(cpu);
    expectThat(play.waiting === 0, () => `${play.waiting} wait for ever`);
    expectThat(pending() < 0, () => `the softirq of CPU ${pending()} is pending for ever`);
    bench.note(backlog.fired);
  },
  scenarios: () => [],
});
