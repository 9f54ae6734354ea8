/** Runs a workload on kernels one after the other, and tells what the page shows of it. */

import { simulationRows } from '../../../src/report/simulate-text.js';
import { simulate } from '../../../src/simulate/simulate.js';
import type { Jobs, Simulated } from '../protocol.js';
import { kernelsNamed, workloadOf } from './kernels.js';
import { draw } from './pictures.js';
import { kinds, toldRules } from './told.js';
import { WindowRecorder } from './window-recorder.js';

/** `progress` is told now and then how far it is. */
export function simulated(
  { workload: value, kernels: names, window, width }: Jobs['simulate'][0],
  progress: (text: string) => void,
): Simulated {
  const kernels = kernelsNamed(names);
  const workload = workloadOf(value);
  const title = `listen(fd, ${workload.backlog})`;
  const runs = kernels.map((kernel) => {
    const onlooker = new WindowRecorder(kernel, title, window ?? [0, Number.POSITIVE_INFINITY]);
    const result = simulate(kernel, workload, {
      onlooker,
      progress: (arrived, expected) =>
        progress(`Linux ${kernel.name}: ${arrived} of ${Math.round(expected)} clients have come`),
    });
    return { result, timeline: onlooker.timeline(result.until) };
  });
  const timelines = runs.map(({ timeline }) => timeline);
  const results = runs.map(({ result }) => result);
  const fired = timelines.flatMap(({ kernel, marks }) =>
    marks.flatMap(({ rule }) => (rule === undefined ? [] : [[kernel, rule] as const])),
  );
  return {
    picture: draw(timelines, width),
    timelines,
    rules: toldRules(fired),
    kinds,
    rows: simulationRows(results),
    until: Math.max(...results.map(({ until }) => until)),
  };
}
