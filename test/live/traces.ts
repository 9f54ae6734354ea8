/** What makes traces of the running kernel in tests, and says which of the specified kernels explain them. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type ProcessSubject, startProcess } from '../../src/conformance/process-subject.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { KERNELS } from '../../src/kernels.js';
import { liveCommand } from '../../src/live/launch.js';
import { packagePath } from '../../src/package-root.js';
import type { Scenario, Trace } from '../../src/run/scenario.js';

/** Uses an adapter to the running kernel, and ends it. */
export async function withAdapter<T>(use: (subject: ProcessSubject) => Promise<T>): Promise<T> {
  const { command, args } = liveCommand();
  const subject = await startProcess(command, args, { kernel: '4.15', timeout: 60_000 });
  try {
    return await use(subject);
  } finally {
    await subject.stop();
  }
}

/** The kernels whose models allow a trace. */
export const explainedBy = ({ header, steps }: Trace): string[] =>
  KERNELS.filter((kernel) => judgeTrace(header, steps, kernel).verdict === 'conforms').map(({ name }) => name);

/** The recorded scenarios of that name, from fixtures. */
export function recordedScenario(id: string): Scenario {
  const lines = gunzipSync(readFileSync(packagePath('fixtures/linux-4.15/named.ndjson.gz')))
    .toString()
    .split('\n');
  const start = lines.findIndex((line) => line.startsWith('{"trace"') && JSON.parse(line).id === id);
  if (start === -1) throw new Error(`no recorded scenario ${id}`);
  const { sysctl, sockopt } = JSON.parse(lines[start] as string);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line === '' || line.startsWith('{"trace"'));
  return { sysctl, sockopt, events: rest.slice(0, end).map((line) => JSON.parse(line).event) };
}
