/** How many packets a softirq processes. */

import { PACKET_KERNELS } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { PacketPlay, type PacketScript, packetScript } from './script.js';

const WEIGHTS = ['net.core.dev_weight', 'net.core.dev_weight_rx_bias'];

export const softirqBudget = property<PacketScript>({
  id: 'softirq-budget',
  sentence:
    'A softirq processes less than netdev_budget packets and one more poll, which has at most the greatest weight so far.',
  kernels: PACKET_KERNELS,
  rules: [
    'net_rx_action/out-of-budget',
    'process_backlog/weight-used',
    'net_rx_action/polled-again',
    'napi_poll/polled-in-next-softirq',
  ],
  runs: 400,
  arbitrary: ({ kernel }) => packetScript(kernel),
  check(script, bench) {
    const play = new PacketPlay(bench.kernel, script);
    const { sysctl } = play.backlog;
    const weight = (): number => WEIGHTS.reduce((product, name) => product * (sysctl[name] ?? 1), 1);
    let greatest = weight();
    play.play(script.events, {
      ran: (_, processed) => {
        const budget = sysctl['net.core.netdev_budget'] ?? 0;
        expectThat(
          processed < budget + greatest,
          () => `${processed} processed with a budget of ${budget} and weights up to ${greatest}`,
        );
      },
      done: () => {
        greatest = Math.max(greatest, weight());
      },
    });
    bench.note(play.backlog.fired);
  },
  scenarios: () => [],
});
