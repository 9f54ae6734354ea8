/** Every packet is processed, dropped, or waiting. */

import { ruleSpecs } from '../../src/generated/rules.js';
import type { SoftnetStat } from '../../src/host/packet-backlog.js';
import type { RuleId } from '../../src/host/rule.js';
import { PACKET_KERNELS } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { PacketPlay, type PacketScript, packetScript } from './script.js';

export const packetsAccounted = property<PacketScript>({
  id: 'packets-accounted',
  sentence:
    'Every packet that came was processed, was dropped, or waits; softnet_stat says how many were dropped, and how many processed, to which 2.6.32 adds those that came to a queue.',
  kernels: PACKET_KERNELS,
  rules: ruleSpecs.filter(({ layer }) => layer === 'packet').map(({ id }) => id as RuleId),
  runs: 400,
  arbitrary: ({ kernel }) => packetScript(kernel),
  check(script, bench) {
    const play = new PacketPlay(bench.kernel, script);
    play.play(script.events, {
      done: ({ arrived, backlog, dropped, processed, queuedOrDropped, waiting }) => {
        expectThat(
          processed + dropped + waiting === arrived,
          () => `${arrived} came: ${processed} processed, ${dropped} dropped, ${waiting} wait`,
        );
        const total = (column: keyof SoftnetStat): number => {
          let sum = 0;
          for (let cpu = 0; cpu < backlog.cpus; cpu++) sum += backlog.softnetStat(cpu)[column] ?? 0;
          return sum;
        };
        expectThat(total('dropped') === dropped, () => `${dropped} dropped, softnet_stat says ${total('dropped')}`);
        const counted = bench.kernel.name === '2.6.32' ? processed + queuedOrDropped : processed;
        expectThat(
          total('processed') === counted,
          () => `${counted} to be counted, softnet_stat says ${total('processed')}`,
        );
      },
    });
    bench.note(play.backlog.fired);
  },
  scenarios: () => [],
});
