/** In which order packets are processed. */

import { PACKET_KERNELS } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { PacketPlay, type PacketScript, packetScript } from './script.js';

export const packetsInOrder = property<PacketScript>({
  id: 'packets-in-order',
  sentence: "The packets of a CPU's queue are processed in the order in which they came to it.",
  kernels: PACKET_KERNELS,
  rules: ['process_backlog/empty', 'process_backlog/weight-used', 'process_backlog/taken-over'],
  runs: 400,
  arbitrary: ({ kernel }) => packetScript(kernel),
  check(script, bench) {
    const play = new PacketPlay(bench.kernel, script);
    play.play(script.events, {});
    for (const [cpu, numbers] of play.fromQueue.entries()) {
      const late = numbers.findIndex((number, i) => i > 0 && number <= (numbers[i - 1] as number));
      expectThat(late < 0, () => `CPU ${cpu} processed packet ${numbers[late]} after packet ${numbers[late - 1]}`);
    }
    bench.note(play.backlog.fired);
  },
  scenarios: () => [],
});
