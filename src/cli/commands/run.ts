/** `run`: plays scenarios on a model and prints their traces, or what one would see on the machine. */

import type { TraceEvent, TraceHeader } from '../../generated/types.js';
import type { KernelVariant } from '../../host/variant.js';
import { kernelNamed } from '../../kernels.js';
import { show } from '../../report/show.js';
import { startScenario, traceStep } from '../../run/scenario.js';
import { describeInvalid, readTraceBatches } from '../../trace/read.js';
import { ScenarioChecker } from '../../trace/scenario.js';
import { EXIT } from '../exit.js';
import { DEFAULT_KERNEL, kernelOption, type Shown } from '../options.js';
import type { Output } from '../output.js';

/** What the command line says. */
export interface RunOptions {
  readonly kernel?: string;
  readonly seed: number;
  /** What is printed in place of the trace. */
  readonly show?: Shown;
}

interface Scenario {
  readonly header: TraceHeader;
  readonly line: number;
  readonly events: TraceEvent[];
}

/** Plays every scenario of `file` that is one. */
export async function run(file: string, options: RunOptions, output: Output): Promise<number> {
  const asked = kernelOption(options.kernel);
  let status: number = EXIT.ok;
  let found = 0;
  let current: Scenario | undefined;
  let played = 0;
  const refuse = (message: string): void => {
    output.note(message);
    status = EXIT.invalid;
  };
  const playCurrent = async (): Promise<void> => {
    if (current === undefined) return;
    const { header, line, events } = current;
    current = undefined;
    const variant = asked ?? kernelNamed(header.kernel.variant);
    if (variant === undefined) {
      refuse(`${file}:${line}: $.kernel.variant: unknown kernel variant ${JSON.stringify(header.kernel.variant)}`);
    } else {
      if (played > 0 && options.show !== undefined) await output.print('');
      played += 1;
      await play(variant, header, events, options, output);
    }
  };
  for await (const records of readTraceBatches(file, new ScenarioChecker(asked?.name ?? DEFAULT_KERNEL))) {
    for (const record of records) {
      found += 1;
      if (record.kind === 'step') {
        current?.events.push(record.value.event);
      } else if (record.kind === 'header') {
        await playCurrent();
        current = { header: record.value, line: record.line, events: [] };
      } else {
        if (record.header === true) await playCurrent();
        current = undefined;
        refuse(describeInvalid(file, record));
      }
    }
  }
  await playCurrent();
  if (found === 0) refuse(`${file}: no scenario in it`);
  return status;
}

async function play(
  variant: KernelVariant,
  header: TraceHeader,
  events: readonly TraceEvent[],
  { seed, show: shown }: RunOptions,
  output: Output,
): Promise<void> {
  const { id, kernel } = header;
  const release = variant.name === kernel.variant ? { release: kernel.release } : {};
  const uptime = kernel.uptime === undefined ? {} : { uptime: kernel.uptime };
  const started = startScenario(variant, header, { id, hz: kernel.hz, seed, ...release, ...uptime });
  if (shown !== undefined) {
    let isFirst = true;
    for (const lines of show({ id, variant, simulation: started.simulation, events, ...shown })) {
      await output.print([...(isFirst ? [] : ['']), ...lines].join('\n'));
      isFirst = false;
    }
    return;
  }
  await output.print(JSON.stringify(started.header));
  for (const event of events) await output.print(JSON.stringify(traceStep(started.simulation.step(event))));
}
