/** Small workloads on the running kernel: what the simulated clients and server did is done to it, and it counts the same. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Step, TraceHeader, Workload } from '../../src/generated/types.js';
import { kernelFor, thisKernel } from '../../src/live/kernel-of-release.js';
import { simulate } from '../../src/simulate/simulate.js';
import { Folder, ndjson } from '../cli/transcript.js';
import { liveIt } from '../support/live.js';
import { workload } from './workloads.js';

const folder = new Folder();
const sysctl = { 'net.core.somaxconn': 128, 'net.ipv4.tcp_max_syn_backlog': 128, 'net.ipv4.tcp_syncookies': 0 };
const constant = { arrivals: { kind: 'constant', rate: 20, count: 8 } as const, roundTrip: 20_000 };

const WORKLOADS: Readonly<Record<string, Workload>> = {
  'a server that sleeps for a while': workload({
    backlog: 2,
    sysctl,
    clients: constant,
    server: { pauses: [{ from: 0, to: 1_500_000 }] },
    until: 3_500_000,
  }),
  tcp_abort_on_overflow: workload({
    backlog: 1,
    sysctl: { ...sysctl, 'net.ipv4.tcp_abort_on_overflow': 1 },
    clients: { arrivals: { kind: 'burst', count: 5 }, roundTrip: 20_000 },
    server: { pauses: [{ from: 0 }] },
    until: 500_000,
  }),
  'a restart while connections wait': workload({
    backlog: 5,
    sysctl,
    clients: { ...constant, data: { bytes: 100 } },
    server: { acceptEvery: 100_000, service: 30_000, restarts: [{ at: 330_000, down: 40_000 }] },
    until: 2_000_000,
  }),
};

/** What all steps of the one trace in a file add up to, by counter. */
function counted(text: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const { observed } = JSON.parse(line) as Step;
    for (const [name, moved] of Object.entries(observed.counters ?? {})) sums[name] = (sums[name] ?? 0) + moved;
  }
  return sums;
}

describe('the running kernel', () => {
  for (const [name, one] of Object.entries(WORKLOADS)) {
    liveIt(`counts what the model that fits it counts: ${name}`, async () => {
      const lines: (TraceHeader | Step)[] = [];
      const trace = { id: 'simulated', rows: true, take: (line: TraceHeader | Step) => void lines.push(line) };
      const { counters } = simulate(kernelFor(thisKernel()), one, { trace });
      writeFileSync(join(folder.path, 'simulated.ndjson'), ndjson(lines));
      expect(counted(readFileSync(join(folder.path, 'simulated.ndjson'), 'utf8'))).toEqual(counters);
      const { out, status } = await folder.run('record', 'simulated.ndjson');
      expect(status).toBe(0);
      expect(counted(out)).toEqual(counters);
      folder.file('recorded.ndjson', out.trimEnd().split('\n'));
      expect(await folder.run('replay', 'recorded.ndjson')).toMatchObject({ status: 0 });
    });
  }
});
