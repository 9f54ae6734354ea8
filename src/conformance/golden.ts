/** The recorded scenarios that have names: what every subject is put through that is able to. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { KernelVariant } from '../host/variant.js';
import { packagePath } from '../package-root.js';
import type { Scenario } from '../run/scenario.js';
import { parseScenarios } from '../trace/scenario.js';

/** A scenario that was recorded on a real kernel. */
export interface GoldenScenario {
  readonly id: string;
  /** The kernel that it was recorded on, as `uname -r` prints it. */
  readonly release: string;
  readonly scenario: Scenario;
}

const read = new Map<string, readonly GoldenScenario[]>();

/** The named scenarios of a kernel, in the order of their file. They are read once. */
export function goldenScenarios({ name }: KernelVariant): readonly GoldenScenario[] {
  const known = read.get(name);
  if (known !== undefined) return known;
  const file = packagePath(`fixtures/linux-${name}/named.ndjson.gz`);
  const records = parseScenarios(gunzipSync(readFileSync(file)).toString('utf8'), name);
  if ('message' in records) throw new Error(`${file}:${records.line}: ${records.path}: ${records.message}`);
  const scenarios = records.map(({ header, events }) => {
    const { id, kernel, sysctl, sockopt } = header;
    return { id, release: kernel.release, scenario: { sysctl, sockopt, events } };
  });
  read.set(name, scenarios);
  return scenarios;
}
